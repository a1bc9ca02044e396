/** The script of the page below `/docs/`; the policy of the service forbids scripts in the page itself. */
export const INIT_SCRIPT = 'swagger-ui-init.js';

/**
 * The page that loads Swagger UI.
 * @param base where its files are, relative to the page, so that a proxy may put the service below another path
 */
export function page(base: './' | './docs/'): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>StarkPulse Caching</title>
  <link rel="stylesheet" href="${base}swagger-ui.css">
  <link rel="icon" type="image/png" href="${base}favicon-32x32.png" sizes="32x32">
  <link rel="icon" type="image/png" href="${base}favicon-16x16.png" sizes="16x16">
  <style>
    body { margin: 0; background: #fafafa; }
    .swagger-ui .topbar .download-url-wrapper { display: none; }
  </style>
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="${base}swagger-ui-bundle.js"></script>
  <script src="${base}swagger-ui-standalone-preset.js"></script>
  <script src="${base}${INIT_SCRIPT}"></script>
</body>
</html>
`;
}

/** Runs in the browser. Requests pass its cache, so that a change is seen at once. */
export const initScript = `const documentUrl = new URL('../docs-json', document.currentScript.src).href;

window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: documentUrl,
    dom_id: '#swagger-ui',
    deepLinking: true,
    persistAuthorization: true,
    displayRequestDuration: true,
    requestInterceptor: (request) => {
      request.cache = 'no-store';
      return request;
    },
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: 'StandaloneLayout',
  });
};
`;
