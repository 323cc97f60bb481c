namespace Aion.ObjectStorage;

/// <summary>
/// How many retries a bucket may get: a share of its calls over the long run and a stock for short storms, so that a bucket that is down does
/// not get the load several times over. Thread-safe.
/// </summary>
/// <param name="ratio">Retries earned with each call.</param>
/// <param name="burst">Retries that may be saved up; also what there is at the start.</param>
public sealed class RetryBudget(double ratio = 0.1, int burst = 50)
{
    private readonly Lock _lock = new();
    private double _left = burst;

    /// <summary>A call begins.</summary>
    public void Earn()
    {
        lock (_lock)
        {
            _left = Math.Min(burst, _left + ratio);
        }
    }

    /// <summary>False = fail as it is.</summary>
    public bool TrySpend()
    {
        lock (_lock)
        {
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
