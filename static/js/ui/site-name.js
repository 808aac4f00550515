/** The site's own name and picture: pages leave them out, since they are the same bytes for everybody. */

const OF_PAGES = "Sotto";
let name = OF_PAGES;

/** Returns the title of a page. @param {string} title what the page shows */
export const siteTitle = (title) => `${title} · ${name}`;

/**
 * Shows the name and the picture that administrators chose.
 * @param {{name: string, icon: string}} site either may be empty: the page's own stays
 */
export function showSiteName(site) {
  name = site.name || OF_PAGES;
  const end = ` · ${OF_PAGES}`;
  if (document.title.endsWith(end))
    document.title = siteTitle(document.title.slice(0, -end.length));
  for (const place of document.querySelectorAll("[data-site-name]")) place.textContent = name;
  if (!site.icon) return;
  const pictures = document.querySelectorAll("img[data-site-icon]");
  for (const picture of /** @type {NodeListOf<HTMLImageElement>} */ (pictures))
    picture.src = site.icon;
  const tab = document.querySelector("link[rel=icon]");
  tab?.setAttribute("type", "image/png");
  tab?.setAttribute("href", site.icon);
}
