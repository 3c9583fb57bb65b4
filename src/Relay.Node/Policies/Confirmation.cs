using System.Globalization;

namespace Relay.Node.Policies;

/// <summary>Whether what this node has of a shared document is what the cluster last said. Thread-safe.</summary>
internal sealed class Confirmation
{
    private volatile TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _failure;

    /// <summary>Ends when the cluster has said which version holds, and this node has it in force.</summary>
    public Task WhenConfirmed => _confirmed.Task;

    /// <summary>True while what is in force is what the cluster last said.</summary>
    public bool IsConfirmed => _confirmed.Task.IsCompletedSuccessfully;

    /// <summary>What health says; null while all is well.</summary>
    /// <param name="what">The document: <c>policy</c>.</param>
    /// <param name="version">Its version that is in force here.</param>
    /// <param name="isAlone">The node has no others, which could have another version.</param>
    public string? NoticeOf(string what, long version, bool isAlone) => _failure is { } failure
        ? $"stale {what}: {failure}"
        : isAlone || IsConfirmed
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"stale {what}: version {version} is this node's own copy, and the cluster has not said whether it is the newest");

    /// <summary>The cluster has said which version holds, and it is in force.</summary>
    public void Confirm()
    {
        _failure = null;
        _confirmed.TrySetResult();
    }

    /// <summary>The cluster is out of sight.</summary>
    public void Lose()
    {
        if (IsConfirmed)
        {
            _confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>A version cannot be put in force, or not be kept.</summary>
    /// <returns>False when that is known already: the store asks again and again, and one line is enough.</returns>
    public bool Fail(string problem)
    {
        var isNews = _failure != problem;
        _failure = problem;
        return isNews;
    }
}
