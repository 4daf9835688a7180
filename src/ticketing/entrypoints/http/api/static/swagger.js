// Swagger UI over our documents. Its page tells which there are.
const documents = document.getElementById("swagger-ui").dataset.documents;

window.ui = SwaggerUIBundle({
  dom_id: "#swagger-ui",
  urls: JSON.parse(documents),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  // The Authorize box takes the bare token; who types "Bearer <token>" means the same.
  requestInterceptor: (request) => {
    const sent = request.headers && request.headers.Authorization;
    if (sent) request.headers.Authorization = sent.replace(/^Bearer\s+Bearer\s+/i, "Bearer ");
    return request;
  },
});
