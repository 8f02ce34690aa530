// Text becomes HTML in one way: as a part of a page that this site's server has just sent. Whatever else a script hands
// to the browser as HTML, script or the address of one, the browser refuses (Trusted Types). A classic script, so that
// it runs before htmx.
(() => {
  const { trustedTypes } = window;
  if (!trustedTypes) return;
  /** @type {Map<XMLHttpRequest, string>} answers that htmx is about to put into the page */
  const answers = new Map();

  /** @param {Event} event */
  const remember = (event) => {
    const { xhr } = /** @type {CustomEvent<{ xhr?: XMLHttpRequest }>} */ (event).detail;
    if (xhr) answers.set(xhr, xhr.responseText);
  };
  /** @param {Event} event */
  const forget = (event) => {
    const { xhr } = /** @type {CustomEvent<{ xhr?: XMLHttpRequest }>} */ (event).detail;
    if (xhr) answers.delete(xhr);
  };
  for (const name of ["htmx:beforeSwap", "htmx:historyCacheMissLoad"]) document.addEventListener(name, remember);
  for (const name of ["htmx:afterSwap", "htmx:swapError"]) document.addEventListener(name, forget);

  /**
   * The forms in which htmx hands an answer to the browser's parser.
   *
   * @param {string} answer
   */
  const formsOf = (answer) => {
    const body = answer.replace(/<head(\s[^>]*)?>[\s\S]*?<\/head>/i, "");
    return [answer, body, `<body><template class="internal-htmx-wrapper">${body}</template></body>`];
  };

  trustedTypes.createPolicy("default", {
    // The service worker of push, and no other script.
    createScriptURL: (address) => (address === "/notices/worker.js" ? address : null),
    createHTML: (text) => {
      // Libraries empty elements with "".
      const isSent = text === "" || [...answers.values()].some((answer) => formsOf(answer).includes(text));
      return isSent ? text : null;
    },
  });
})();
