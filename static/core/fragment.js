// Parts of pages that the server sends within JSON.

const policy = window.trustedTypes?.createPolicy("rete", { createHTML: (html) => html });

/**
 * Parse a part of a page. Only for what this site's server sent: its templates escape what people wrote.
 *
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function fragment(html) {
  const template = document.createElement("template");
  // Without Trusted Types there is no policy, and text is taken as it is.
  template.innerHTML = /** @type {string} */ (policy ? policy.createHTML(html) : html);
  return template.content;
}
