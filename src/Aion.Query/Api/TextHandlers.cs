using Aion.Hosting;
using Aion.PromQL;

namespace Aion.Query;

/// <summary>Answers <c>format_query</c> and <c>parse_query</c>, which Prometheus has and Thanos has not.</summary>
internal sealed class TextHandlers(QueryApiOptions options)
{
    public ApiResult Format(ApiForm form)
    {
        string pretty = PromQLPrinter.Pretty(Parse(form));
        return ApiAnswer.Of(json => json.Quoted(pretty));
    }

    public ApiResult Tree(ApiForm form)
    {
        Expr expression = Parse(form);
        return ApiResult.Json(writer => PromQLJson.Write(writer, expression));
    }

    private Expr Parse(ApiForm form)
    {
        try
        {
            return PromQLParser.Parse(form.First("query"), options.Parser);
        }
        catch (PromQLParseException e)
        {
            throw new BadParameterException($"invalid parameter \"query\": {e.Message}");
        }
    }
}
