using Aion.Hosting;
using Aion.PromQL;
using Aion.Storage;
using Microsoft.AspNetCore.Http;

namespace Aion.Query;

/// <summary>Answers a request whose parameters were read.</summary>
internal delegate Task<ApiResult> FormHandler(HttpContext http, ApiForm form, CancellationToken cancellationToken);

/// <summary>Turns what can go wrong below the API into the API's error types.</summary>
internal static class ApiFailures
{
    public static ApiHandler Wrap(FormHandler handler) => async (http, cancellationToken) =>
    {
        try
        {
            return await handler(http, await ApiForm.ReadAsync(http.Request, cancellationToken), cancellationToken);
        }
        catch (BadParameterException e)
        {
            throw new ApiException(ApiErrorType.BadData, e.Message, e);
        }
        catch (PromQLException e)
        {
            throw new ApiException(TypeOf(e.Kind), e.Message, e);
        }
        catch (Exception e) when (e is StoreException or BudgetExceededException)
        {
            throw new ApiException(ApiErrorType.Execution, e.Message, e);
        }
    };

    private static ApiErrorType TypeOf(QueryErrorKind kind) => kind switch
    {
        QueryErrorKind.BadData => ApiErrorType.BadData,
        QueryErrorKind.Execution => ApiErrorType.Execution,
        QueryErrorKind.Timeout => ApiErrorType.Timeout,
        QueryErrorKind.Canceled => ApiErrorType.Canceled,
        _ => ApiErrorType.Internal,
    };
}
