using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Answers one API request; throws <see cref="ApiException"/> to fail it.</summary>
public delegate Task<ApiResult> ApiHandler(HttpContext http, CancellationToken cancellationToken);

/// <summary>
/// A component's <c>/api/v1</c>: every route gets request id, metrics under its handler label, CORS headers, gzip and the envelope.
/// </summary>
/// <param name="prefix">Route prefix from <see cref="RoutePrefix"/>, "" for none.</param>
/// <param name="sendsCors">False with <c>--web.disable-cors</c>.</param>
public sealed class ApiRoutes(IEndpointRouteBuilder endpoints, HttpMetrics metrics, ILogger logger, string prefix, bool sendsCors)
{
    /// <summary>Header that carries the request's id in and, as gRPC metadata <c>request-id</c>, out.</summary>
    public const string RequestIdHeader = "X-Request-ID";

    private readonly string _base = prefix + "/api/v1";

    /// <summary>Answers every OPTIONS below the API with 204. Call once.</summary>
    public void MapOptions() =>
        Map(["OPTIONS"], "/{**rest}", "options", static (_, _) => Task.FromResult(ApiResult.NoContent));

    public void MapGet(string path, string handlerLabel, ApiHandler handler) => Map(["GET"], path, handlerLabel, handler);

    public void MapGetAndPost(string path, string handlerLabel, ApiHandler handler) => Map(["GET", "POST"], path, handlerLabel, handler);

    public void MapPost(string path, string handlerLabel, ApiHandler handler) => Map(["POST"], path, handlerLabel, handler);

    private void Map(string[] methods, string path, string handlerLabel, ApiHandler handler) =>
        endpoints.MapMethods(_base + path, methods, http => InvokeAsync(http, handlerLabel, handler)).WithMetadata(new HandlerLabel(handlerLabel));

    private async Task InvokeAsync(HttpContext http, string handlerLabel, ApiHandler handler)
    {
        string requestId = http.Request.Headers[RequestIdHeader].ToString();
        http.TraceIdentifier = requestId.Length > 0 ? requestId : Ulid.NewUlid().ToString();
        if (sendsCors) AddCorsHeaders(http.Response.Headers);

        HttpMetrics.Measurement measurement = metrics.Start(http, handlerLabel);
        IHttpResponseBodyFeature plain = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using ApiResponseStream body = new(http, plain.Stream);
        try
        {
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body, plain));
            await AnswerAsync(http, handler, body);
            await http.Response.BodyWriter.CompleteAsync();
            await body.CompleteAsync();
        }
        finally
        {
            http.Features.Set(plain);
            metrics.End(measurement, http, body.SentBytes);
        }
    }

    private async Task AnswerAsync(HttpContext http, ApiHandler handler, ApiResponseStream body)
    {
        try
        {
            ApiResult result = await handler(http, http.RequestAborted);
            await ApiEnvelope.WriteAsync(http, result);
        }
        catch (ApiException e)
        {
            await FailAsync(http, body, e.Type, e.Message);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(http, body, ApiErrorType.Canceled, "context canceled");
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(http, body, ApiErrorType.BadData, e.Message);
        }
        catch (Exception e)
        {
            logger.Error("request failed", [("path", http.Request.Path.Value), ("err", e)]);
            await FailAsync(http, body, ApiErrorType.Internal, e.Message);
        }
    }

    private static async Task FailAsync(HttpContext http, ApiResponseStream body, ApiErrorType type, string message)
    {
        // A client that is gone reads nothing; one that got half an answer must not take it for whole.
        if (http.RequestAborted.IsCancellationRequested) http.Response.StatusCode = ApiErrors.Status(type);
        else if (body.HasBytes) http.Abort();
        else await ApiEnvelope.WriteErrorAsync(http, type, message);
    }

    private static void AddCorsHeaders(IHeaderDictionary headers)
    {
        headers.AccessControlAllowHeaders = "Accept, Accept-Encoding, Authorization, Content-Type, Origin";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Date";
    }
}
