using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aion.StoreApi;

/// <summary>Answers calls of services and methods that are not there as grpc-go does: Unimplemented, with a message that names them.</summary>
internal static class UnknownCalls
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{service}/{method}", (string service, string method, HttpContext context) => Refuse(routes, service, method, context));

    private static void Refuse(IEndpointRouteBuilder routes, string service, string method, HttpContext context)
    {
        HttpResponse response = context.Response;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        bool known = routes.DataSources.SelectMany(s => s.Endpoints)
            .Any(e => e.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.ServiceName == service);
        // A whole answer in the headers, as the protocol allows for calls that fail at once.
        response.ContentType = context.Request.ContentType;
        response.Headers["grpc-status"] = ((int)StatusCode.Unimplemented).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(known ? $"unknown method {method} for service {service}" : $"unknown service {service}");
    }
}
