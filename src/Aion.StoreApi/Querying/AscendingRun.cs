using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aion.StoreApi;

/// <summary>Whether timestamps ascend, four at a time: every decoded sample passes here.</summary>
internal static class AscendingRun
{
    /// <summary>True when each is greater than the one before.</summary>
    public static bool IsAll(ReadOnlySpan<long> times)
    {
        var at = 1;
        ref long first = ref MemoryMarshal.GetReference(times);
        for (; at <= times.Length - Vector256<long>.Count; at += Vector256<long>.Count)
        {
            Vector256<long> here = Vector256.LoadUnsafe(ref first, (nuint)at), before = Vector256.LoadUnsafe(ref first, (nuint)(at - 1));
            if (!Vector256.GreaterThanAll(here, before)) return false;
        }

        for (; at < times.Length; at++)
            if (times[at] <= times[at - 1]) return false;
        return true;
    }
}
