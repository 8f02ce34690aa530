# Front-end packages, Python packages, then an image with neither compilers nor npm.
FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.11-slim AS packages
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements.lock

FROM python:3.11-slim
# OpenCV's wheel is linked against these two.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home rete \
 && install -d -o rete -g rete -m 0700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY --from=front /app/node_modules node_modules
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 RETE_DATA=/data RETE_EMBEDDED=false
USER rete
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "core.serving.waiting_room.WaitingRoomWorker", "--workers", "2", "--threads", "4", \
     "--no-control-socket", "--logger-class", "core.serving.gunicorn_logger.RedactingLogger"]
