/* Swagger UI over our own description; with a session, calls from the page carry the CSRF token. */
const page = document.getElementById("docs").dataset;

function cookie(name) {
  const found = document.cookie.split("; ").find((entry) => entry.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

SwaggerUIBundle({
  url: page.schema,
  dom_id: "#docs",
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] ||= cookie(page.csrfCookie);
    return request;
  },
});
