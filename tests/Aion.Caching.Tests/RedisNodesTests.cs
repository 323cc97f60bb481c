using System.Net;

namespace Aion.Caching.Tests;

public sealed class RedisNodesTests
{
    [Fact]
    public void A_node_that_left_its_cluster_is_let_go_and_comes_back_as_a_new_one()
    {
        var gone = new List<GuardedServer>();
        var opened = new List<EndPoint>();
        // No node is asked anything here, so none needs to be more than an object of its own.
        var nodes = new RedisNodes(
            node =>
            {
                opened.Add(node);
                return (GuardedServer)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(GuardedServer));
            },
            gone.Add);
        EndPoint a = new DnsEndPoint("a", 1), b = new DnsEndPoint("b", 1);
        GuardedServer first = nodes.Of(a);
        nodes.Of(b);

        nodes.Keep(new HashSet<EndPoint> { b });

        Assert.Same(first, Assert.Single(gone));
        Assert.Single(nodes.All);
        Assert.NotSame(first, nodes.Of(a));
        Assert.Equal([a, b, a], opened);
    }
}
