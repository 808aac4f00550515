/** Posts of the admin's scripts, with the token of the page's own forms. */

/**
 * @param {string} address
 * @param {object} [body] JSON
 * @returns {Promise<Response>}
 */
export function post(address, body) {
  const field = document.querySelector('[name="csrfmiddlewaretoken"]');
  const token = field instanceof HTMLInputElement ? field.value : "";
  const type = body && { "Content-Type": "application/json" };
  const headers = { "X-CSRFToken": token, ...type };
  return fetch(address, { method: "POST", headers, body: body && JSON.stringify(body) });
}
