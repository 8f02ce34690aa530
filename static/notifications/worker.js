// The service worker of push: it shows one sentence, always the same, and leads to the notices. It sees no page.
// The server puts `self.words` before it.

const worker = /** @type {any} */ (self);

worker.addEventListener("push", (/** @type {any} */ event) => {
  const { title, body, icon } = worker.words;
  event.waitUntil(worker.registration.showNotification(title, { body, icon, tag: "notices" }));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(worker.clients.openWindow(worker.words.page));
});
