using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Aion.Benchmarks;

/// <summary>
/// Stands before an S3 server and holds every request back for a while, as a server far away would. Counts what passes: GET
/// <c>/-/counts</c> tells, <c>/-/reset</c> tells and starts again. Its <c>depth</c> is the longest chain of requests that each began after the
/// one before had ended: the dependent round trips, or a few more, since not all that come later depend on what came before.
/// </summary>
internal sealed class DelayProxy(Uri target, TimeSpan delay)
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Transfer-Encoding", "Keep-Alive", "Expect" };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
    });

    private readonly Lock _lock = new();
    private long _requests, _bytes;
    private int _depth;

    public static async Task RunAsync(int port, string target, int delayMs)
    {
        var proxy = new DelayProxy(new Uri(target), TimeSpan.FromMilliseconds(delayMs));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        WebApplication app = builder.Build();
        app.Run(proxy.HandleAsync);
        await app.RunAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (http.Request.Path == "/-/counts" || http.Request.Path == "/-/reset")
        {
            await http.Response.WriteAsync(Counts(reset: http.Request.Path == "/-/reset"));
            return;
        }

        int depth = Enter();
        try
        {
            await Task.Delay(delay, http.RequestAborted);
            await ForwardAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
        finally
        {
            lock (_lock) _depth = Math.Max(_depth, depth);
        }
    }

    private async Task ForwardAsync(HttpContext http)
    {
        string raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(target, raw));
        if (http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers)
        {
            // The host is part of what the client signed, so it stays.
            if (HopByHop.Contains(name)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        using HttpResponseMessage answer = await _client.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            if (!HopByHop.Contains(name)) http.Response.Headers[name] = values.ToArray();
        if (HttpMethods.IsHead(http.Request.Method)) return;
        await using Stream body = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            Interlocked.Add(ref _bytes, read);
        }
    }

    private int Enter()
    {
        lock (_lock)
        {
            _requests++;
            return _depth + 1;
        }
    }

    private string Counts(bool reset)
    {
        lock (_lock)
        {
            string counts = string.Create(CultureInfo.InvariantCulture, $"{{\"requests\":{_requests},\"bytes\":{_bytes},\"depth\":{_depth}}}\n");
            if (reset)
            {
                (_requests, _bytes, _depth) = (0, 0, 0);
            }

            return counts;
        }
    }
}
