// Everything comes from this server; the policy header forbids any other address.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    requestInterceptor: (request) => {
      const method = (request.method || "GET").toUpperCase();
      if (method === "POST" && !request.url.endsWith("/v1/token") && !request.headers["Idempotency-Key"]) {
        request.headers["Idempotency-Key"] = crypto.randomUUID();
      }
      return request;
    },
  });
});
