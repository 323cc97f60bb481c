using Aion.ObjectStorage;
using Aion.Storage;

namespace Aion.Compactor;

/// <summary>Why a job did not come to its end.</summary>
internal enum JobFailure
{
    /// <summary>The bucket or the way to it is unwell: worth another try.</summary>
    Retry,

    /// <summary>The disk is full, or would be: other, smaller jobs may still fit.</summary>
    NoSpace,

    /// <summary>A credential was refused: nothing goes until a person acts.</summary>
    Denied,

    /// <summary>Somebody else works on the same blocks.</summary>
    Conflict,

    /// <summary>Something that the operator asked to be halted on.</summary>
    Halt,

    /// <summary>The result is not what the sources say it must be.</summary>
    Verification,

    /// <summary>The job does not fit into the memory it may have.</summary>
    OverBudget,

    /// <summary>A defect.</summary>
    Unexpected,
}

/// <summary>A job failed; the message says what and why. It touches no other job.</summary>
internal sealed class JobException(JobFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    private const int NoSpaceOnDevice = 28; // ENOSPC, which .NET passes on as it is.
    private const int DiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL

    public JobFailure Failure { get; } = failure;

    /// <summary>What an exception of a job means.</summary>
    public static JobFailure Classify(Exception e) => e switch
    {
        JobException job => job.Failure,
        BudgetExceededException => JobFailure.OverBudget,
        BucketException { Kind: BucketErrorKind.AccessDenied } => JobFailure.Denied,
        BucketException { Kind: BucketErrorKind.Full } => JobFailure.NoSpace,
        BucketException => JobFailure.Retry,
        IOException { HResult: NoSpaceOnDevice or DiskFull } => JobFailure.NoSpace,
        IOException => JobFailure.Retry,
        _ => JobFailure.Unexpected,
    };

    /// <summary>As the label of a metric.</summary>
    public static string NameOf(JobFailure failure) => failure switch
    {
        JobFailure.Retry => "retry",
        JobFailure.NoSpace => "no-space",
        JobFailure.Denied => "denied",
        JobFailure.Conflict => "conflict",
        JobFailure.Halt => "halt",
        JobFailure.Verification => "verification",
        JobFailure.OverBudget => "memory-budget",
        _ => "unexpected",
    };
}
