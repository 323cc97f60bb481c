using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>The JSON envelope: <c>{"status":"success","data":…,"warnings":[…]}</c> or <c>{"status":"error","errorType":…,"error":…}</c>.</summary>
/// <remarks>reference/http-api.md H-3. No newline at the end, keys in that order.</remarks>
public static class ApiEnvelope
{
    public static async Task WriteAsync(HttpContext http, ApiResult result)
    {
        if (result.WriteData is null)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Response.ContentType = "application/json";
        if (!result.Warnings.All(IsAnnotation)) http.Response.Headers.CacheControl = "no-store";
        PipeWriter target = http.Response.BodyWriter;
        target.Write("{\"status\":\"success\",\"data\":"u8);
        await result.WriteData(target, http.RequestAborted);
        if (result.Warnings.Count > 0)
        {
            target.Write(",\"warnings\":["u8);
            for (int i = 0; i < result.Warnings.Count; i++)
            {
                if (i > 0) target.Write(","u8);
                ApiJson.WriteString(target, Encoding.UTF8.GetBytes(result.Warnings[i]));
            }

            target.Write("]"u8);
        }

        target.Write("}"u8);
        await target.FlushAsync(http.RequestAborted);
    }

    public static async Task WriteErrorAsync(HttpContext http, ApiErrorType type, string message)
    {
        http.Response.StatusCode = ApiErrors.Status(type);
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        PipeWriter target = http.Response.BodyWriter;
        target.Write("{\"status\":\"error\",\"errorType\":\""u8);
        Encoding.ASCII.GetBytes(ApiErrors.Text(type), target);
        target.Write("\",\"error\":"u8);
        ApiJson.WriteString(target, Encoding.UTF8.GetBytes(message));
        target.Write("}"u8);
        await target.FlushAsync(http.RequestAborted);
    }

    private static bool IsAnnotation(string warning) =>
        warning.StartsWith("PromQL info:", StringComparison.Ordinal) || warning.StartsWith("PromQL warning:", StringComparison.Ordinal);
}
