using System.Diagnostics.CodeAnalysis;
using ARSoft.Tools.Net.Dns;

namespace Relay.Node.Dns;

/// <summary>Asks name servers: so many questions at once, each within its time, and none again whose answer still holds. Thread-safe.</summary>
internal sealed class DnsQuestions : IQuestions, IDisposable
{
    /// <summary>Answers that are kept. Default 10,000; those not used for longest go first.</summary>
    public const int AnswersMax = 10_000;

    /// <summary>Octets that kept answers take, about. Default 16 MiB: whoever owns a domain says how long its answers are.</summary>
    public const long AnswersOctetsMax = 16L << 20;

    /// <summary>Aliases (CNAME) that may follow one another. Default 8.</summary>
    public const int AliasesMax = 8;

    /// <summary>Times that name servers which said nothing are asked again. Default 1.</summary>
    public const int RepetitionsMax = 1;

    /// <summary>A question and all its repetitions take this at the most. Default 20 seconds.</summary>
    public static readonly TimeSpan QuestionTime = TimeSpan.FromSeconds(20);

    /// <summary>One name server is waited for this long. Default 4 seconds.</summary>
    public static readonly TimeSpan ServerTime = TimeSpan.FromSeconds(4);

    private readonly NameServers _servers;
    private readonly DnsTroubleLog _troubles;
    private readonly TimeProvider _time;
    private readonly TimedCache<(string Name, QueryType Type), DnsAnswer> _answers;
    private readonly SemaphoreSlim _places;

    /// <summary>Has asked nothing yet.</summary>
    /// <param name="servers">The name servers.</param>
    /// <param name="troubles">Gets questions without an answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="questionsMax">Questions at once, each of them an open file; more wait.</param>
    public DnsQuestions(NameServers servers, DnsTroubleLog troubles, TimeProvider time, int questionsMax)
        : this(servers, troubles, time, questionsMax, new(AnswersMax, time, AnswersOctetsMax, static answer => answer.Octets))
    {
    }

    private DnsQuestions(
        NameServers servers, DnsTroubleLog troubles, TimeProvider time, int questionsMax, TimedCache<(string Name, QueryType Type), DnsAnswer> answers)
    {
        _places = new SemaphoreSlim(questionsMax);
        _servers = servers;
        _troubles = troubles;
        _time = time;
        _answers = answers;
    }

    /// <summary>Questions that wait for none of these, and know the same answers.</summary>
    /// <param name="questionsMax">Questions at once, each of them an open file; more wait.</param>
    public DnsQuestions Beside(int questionsMax) => new(_servers, _troubles, _time, questionsMax, _answers);

    /// <summary>Finds the last answer, if it still holds.</summary>
    public bool TryRecall(string name, QueryType type, [MaybeNullWhen(false)] out DnsAnswer answer)
    {
        if (_answers.TryGet((name, type), out answer, out var left))
        {
            answer = answer with { ValidFor = left };
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation) =>
        TryRecall(name, type, out var known) ? Task.FromResult(known) : AskAnewAsync(name, type, cancellation);

    /// <summary>Asks as <see cref="AskAsync"/> does, also where the last answer still holds.</summary>
    public async Task<DnsAnswer> AskAnewAsync(string name, QueryType type, CancellationToken cancellation)
    {
        var (answer, cause) = await AskServersAsync(name, type, cancellation).ConfigureAwait(false);
        if (answer is null)
        {
            _troubles.Add(name, type, cause!);
            return new DnsAnswer(DnsAnswerKind.Trouble, TimeSpan.Zero) { Problem = $"DNS look-up of {name} {type} failed" };
        }

        _answers.Set((name, type), answer, answer.ValidFor);
        return answer;
    }

    public void Dispose() => _places.Dispose();

    private async Task<(DnsAnswer? Answer, string? Cause)> AskServersAsync(string name, QueryType type, CancellationToken cancellation)
    {
        var end = name;
        // Name servers follow aliases themselves; where one does not, each step is a question.
        for (var left = AliasesMax; ;)
        {
            var (response, cause) = await AskOnceAsync(end, type, cancellation).ConfigureAwait(false);
            if (response is null)
            {
                return (null, cause);
            }

            var followed = DnsAnswerReader.FollowAliases(response, end, left, out var next);
            if (followed < 0)
            {
                return (null, $"more than {AliasesMax} aliases, or aliases in a circle");
            }

            var answer = DnsAnswerReader.Read(response, next, type);
            if (followed == 0 || answer.Kind != DnsAnswerKind.NoRecords)
            {
                return (answer, null);
            }

            (end, left) = (next, left - followed);
        }
    }

    private async Task<(DnsMessage? Response, string? Cause)> AskOnceAsync(string name, QueryType type, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(QuestionTime, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var reply = await _servers.AskAsync(name, type, either.Token).ConfigureAwait(false);
            return (reply.Message, reply.Cause);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, ServerReply.Silence);
        }
        finally
        {
            _places.Release();
        }
    }
}
