using Aion.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aion.Query;

/// <summary>
/// The endpoints that clients know and that do not answer yet. Wrong parameters are refused as ever; a right request gets the error
/// <c>execution</c>, 422, which no client repeats.
/// </summary>
internal static class UnsupportedHandlers
{
    public static ApiResult Rules(HttpContext http)
    {
        string type = FromUrl(http, "type");
        if (type.ToUpperInvariant() is not ("" or "ALL" or "ALERT" or "RECORD"))
            throw new BadParameterException($"invalid rules parameter type='{type}'");
        throw NotYet("rules");
    }

    public static ApiResult Alerts() => throw NotYet("alerts");

    public static ApiResult Targets(HttpContext http)
    {
        string state = FromUrl(http, "state");
        if (state.ToUpperInvariant() is not ("" or "ANY" or "ACTIVE" or "DROPPED"))
            throw new BadParameterException($"invalid targets parameter state='{state}'");
        throw NotYet("targets");
    }

    public static ApiResult Metadata(HttpContext http)
    {
        string limit = FromUrl(http, "limit");
        if (limit.Length > 0 && !int.TryParse(limit, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _))
            throw new BadParameterException($"invalid metric metadata limit='{limit}'");
        throw NotYet("metadata");
    }

    public static ApiResult Exemplars(ApiForm form)
    {
        ApiScalars.Time(form, "start", ApiScalars.MinTimeMs);
        ApiScalars.Time(form, "end", ApiScalars.MaxTimeMs);
        throw NotYet("query_exemplars");
    }

    public static ApiResult TsdbStatus(ApiForm form)
    {
        foreach (string selector in form.All("match[]")) QuerySyntax.Selector(selector);
        ApiScalars.Limit(form);
        throw NotYet("status/tsdb");
    }

    private static string FromUrl(HttpContext http, string name) => ApiForm.FromQuery(http.Request.QueryString.Value).First(name);

    private static ApiException NotYet(string endpoint) => new(ApiErrorType.Execution, $"{endpoint} is not supported yet");
}
