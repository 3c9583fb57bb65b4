using DnsClient;
using Relay.Node.Settings;

namespace Relay.Node.Dns;

/// <summary>Asks name servers: so many questions at once, each within its time, and none again whose answer still holds. Thread-safe.</summary>
internal sealed class DnsQuestions : IDisposable
{
    /// <summary>Answers that are kept. Default 10,000; those not used for longest go first.</summary>
    public const int AnswersMax = 10_000;

    /// <summary>Questions at once for deliveries; more wait. Default 128.</summary>
    public const int QuestionsMax = 128;

    /// <summary>Aliases (CNAME) that may follow one another. Default 8.</summary>
    public const int AliasesMax = 8;

    /// <summary>A question and all its repetitions take this at the most. Default 20 seconds.</summary>
    public static readonly TimeSpan QuestionTime = TimeSpan.FromSeconds(20);

    /// <summary>One name server is waited for this long, and then asked once more. Default 4 seconds.</summary>
    public static readonly TimeSpan ServerTime = TimeSpan.FromSeconds(4);

    private const string Silence = "no answer in time";

    private readonly ILookupClient _servers;
    private readonly DnsTroubleLog _troubles;
    private readonly TimeProvider _time;
    private readonly TimedCache<(string Name, QueryType Type), DnsAnswer> _answers;
    private readonly SemaphoreSlim _places;

    /// <summary>Has asked nothing yet.</summary>
    /// <param name="servers">The name servers, with <see cref="OptionsFor"/>.</param>
    /// <param name="troubles">Gets questions without an answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="questionsMax">Questions at once, each of them an open file; more wait.</param>
    public DnsQuestions(ILookupClient servers, DnsTroubleLog troubles, TimeProvider time, int questionsMax = QuestionsMax)
    {
        _places = new SemaphoreSlim(questionsMax);
        _servers = servers;
        _troubles = troubles;
        _time = time;
        _answers = new TimedCache<(string Name, QueryType Type), DnsAnswer>(AnswersMax, time);
    }

    /// <summary>How name servers are asked: answers are kept here, not there, and trouble is told, not thrown.</summary>
    public static LookupClientOptions OptionsFor(DnsSection dns)
    {
        var options = dns.Servers.Count > 0 ? new LookupClientOptions([.. dns.Servers]) : new LookupClientOptions();
        options.UseCache = false;
        options.Timeout = ServerTime;
        options.Retries = 1;
        options.ThrowDnsErrors = false;
        // That there is nothing is an answer: no reason to ask the next server.
        options.ContinueOnEmptyResponse = false;
        // What passes every network in one piece; longer answers come over TCP.
        options.ExtendedDnsBufferSize = 1232;
        return options;
    }

    /// <summary>Asks for a name's records of a type. Whatever goes wrong is an answer.</summary>
    /// <param name="name">A host name without a final dot.</param>
    /// <param name="type">MX, A, AAAA or PTR.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation) =>
        _answers.TryGet((name, type), out var known, out var left)
            ? Task.FromResult(known with { ValidFor = left })
            : AskAnewAsync(name, type, cancellation);

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

            var answer = DnsAnswerReader.Read(response, next);
            if (followed == 0 || answer.Kind != DnsAnswerKind.NoRecords)
            {
                return (answer, null);
            }

            (end, left) = (next, left - followed);
        }
    }

    private async Task<(IDnsQueryResponse? Response, string? Cause)> AskOnceAsync(string name, QueryType type, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(QuestionTime, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var response = await _servers.QueryAsync(name, type, cancellationToken: either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            // What is cut off has been asked for again over TCP by now.
            return response.HasError && response.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain
                ? (null, response.ErrorMessage)
                : (response, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return (null, Silence);
        }
        catch (Exception e)
        {
            // The library has an exception of its own for each way in which an answer cannot be read, and none for all of them.
            return (null, e is DnsResponseException { Code: DnsResponseCode.ConnectionTimeout } ? Silence : e.GetBaseException().Message);
        }
        finally
        {
            _places.Release();
        }
    }
}
