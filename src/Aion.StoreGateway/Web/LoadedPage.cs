using System.Reflection;
using Aion.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Aion.StoreGateway;

/// <summary>
/// The page that shows the loaded blocks. One file that loads nothing else and names the API relative to itself, so it works under any
/// prefix that a proxy puts in front.
/// </summary>
internal static class LoadedPage
{
    private const string Resource = "Aion.StoreGateway.Web.loaded.html";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        StaticPage page = StaticPage.OfResource(Assembly.GetExecutingAssembly(), Resource);
        foreach (string path in (string[])["/", "/loaded", "/blocks"]) endpoints.MapGet(path, page.SendAsync);
    }
}
