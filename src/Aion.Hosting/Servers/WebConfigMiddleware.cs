using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Response headers and basic authentication of the web config, for every path of the server.</summary>
internal sealed class WebConfigMiddleware(WebConfigSource source, ILogger logger)
{
    private readonly ILogger _logger = logger;

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        WebConfigSource.Loaded loaded;
        try
        {
            loaded = source.Current();
        }
        catch (ComponentException)
        {
            _logger.Debug("request refused: the web config is broken", [("path", http.Request.Path.Value)]);
            await RefuseAsync(http, StatusCodes.Status500InternalServerError, "Internal Server Error\n");
            return;
        }

        foreach ((string name, string value) in loaded.Config.HttpServerConfig?.Headers ?? []) http.Response.Headers[name] = value;
        if (loaded.Passwords is { } passwords && !passwords.Accepts(http.Request.Headers.Authorization.ToString()))
        {
            http.Response.Headers.WWWAuthenticate = "Basic";
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "Unauthorized\n");
            return;
        }

        await next(http);
    }

    private static Task RefuseAsync(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync(body, http.RequestAborted);
    }
}
