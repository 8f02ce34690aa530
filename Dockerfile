# The site, by default: front-end packages, Python packages, then an image with neither compilers nor npm.
# The de-identifier alone: docker build --target deidentify -t rete-deidentify .
# docker run --rm --network none -v "$PWD:/work" --user "$(id -u):$(id -g)" rete-deidentify photos --out clean
FROM python:3.11-slim AS deidentify-packages
RUN python -m venv /venv
COPY requirements-deidentify.lock /
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements-deidentify.lock
WORKDIR /source
COPY pyproject.toml NOTICE ./
COPY docs/imaging.md docs/
COPY imaging imaging
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim AS deidentify
COPY --from=deidentify-packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001
WORKDIR /work
ENTRYPOINT ["rete-deidentify"]

FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.11-slim AS packages
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements.lock

FROM python:3.11-slim AS site
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
