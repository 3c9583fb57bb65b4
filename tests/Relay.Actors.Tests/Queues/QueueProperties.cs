using CsCheck;
using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Queues;

/// <summary>Whatever happens in whatever order, nothing is stuck, lost, or done twice (I2, I3).</summary>
public sealed class QueueProperties
{
    private const string Routed = """{ "routes": [ { "domain": "one.example", "to": "smtp://one.example:25" }, { "domain": "two.example", "to": "smtp://two.example:25" } ] }""";
    private const string ByMx = """{ "routes": [ { "domain": "one.example", "to": "smtp://other.example:25" } ] }""";
    private const string ToOne = """{ "routes": [ { "domain": "*", "to": "smtp://one.example:25" } ] }""";
    private static readonly string[] Domains = ["one.example", "two.example", "three.example", "four.example"];
    private static readonly DestinationKey[] MxSites =
        [DestinationKey.ForSite([new MailExchanger(1, "mx.a.example")]), DestinationKey.ForSite([new MailExchanger(1, "mx.b.example")])];

    [Fact]
    public void In_the_end_every_message_has_left_once() =>
        Gen.Int[0, int.MaxValue].Array[0, 200].Sample(choices => new Life().Live(choices), iter: 2_000);

    private sealed class Life
    {
        private readonly TestQueue _queue = new(Routed, new QueueLimits { IdleLanesMax = 2 });
        private readonly List<MessageId> _admitted = [];
        private readonly List<DeliveryItem> _aloft = [];
        private Random _random = new(0);

        public void Live(int[] choices)
        {
            foreach (var choice in choices)
            {
                _random = new Random(choice);
                Step();
                Check();
            }

            Heal();
            Assert.Equal(_admitted.Order(), _queue.Removed.Order()); // each once
            Assert.Equal(0, _queue.State.Count);
            foreach (var site in _queue.State.Routes.Sites.ToArray())
            {
                Assert.Empty(_queue.Pull(site.Key, 100)); // what is passed over goes
            }

            Assert.All(_queue.State.Routes.Sites, static site => Assert.Equal((0, site.Ready.Count), (site.InFlight, site.Stale)));
        }

        private void Step()
        {
            switch (_random.Next(17))
            {
                case <= 2:
                    Admit();
                    break;
                case <= 4:
                    Pull(AnySite());
                    break;
                case <= 6:
                    FinishOne();
                    break;
                case 7:
                    FailSite();
                    break;
                case 8:
                    Resolve();
                    break;
                case 9:
                    _queue.Pass(TimeSpan.FromMinutes(_random.Next(1, 600)));
                    break;
                case 10:
                    _queue.Change((QueueAction)_random.Next(5), AnySelection());
                    break;
                case 11:
                    PauseOrResume();
                    break;
                case 12:
                    _queue.MakeReports();
                    break;
                case 13:
                    Reclaim();
                    break;
                case 14:
                    DeliverSome();
                    break;
                case 15:
                    CutOne();
                    break;
                default:
                    _queue.Use(_random.Next(3) switch { 0 => Routed, 1 => ByMx, _ => ToOne });
                    break;
            }
        }

        private void Admit()
        {
            string[] recipients = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(i => $"u{i}@{Domains[_random.Next(Domains.Length)]}")];
            _admitted.Add(_queue.AdmitFrom(_random.Next(3) == 0 ? "" : $"s{_random.Next(3)}@x.example", recipients));
        }

        private SiteBacklog? AnySite()
        {
            var sites = _queue.State.Routes.Sites.ToArray();
            return sites.Length == 0 ? null : sites[_random.Next(sites.Length)];
        }

        private void Pull(SiteBacklog? site)
        {
            if (site is not null)
            {
                _aloft.AddRange(_queue.Pull(site.Key, _random.Next(1, 4)));
            }
        }

        private void FinishOne()
        {
            if (_aloft.Count > 0)
            {
                var item = _aloft[_random.Next(_aloft.Count)];
                _aloft.Remove(item);
                Assert.NotNull(_queue.Finish(item, [.. item.Recipients.Select(_ => (OutcomeKind)_random.Next(3))]));
            }
        }

        private QueueSelection AnySelection()
        {
            var domain = Domains[_random.Next(Domains.Length)];
            return _random.Next(3) switch
            {
                0 => new QueueSelection(),
                1 => new QueueSelection { Domain = domain },
                _ => new QueueSelection { Recipient = $"u{_random.Next(5)}@{domain}" },
            };
        }

        private void DeliverSome()
        {
            if (_aloft.Count > 0)
            {
                var item = _aloft[_random.Next(_aloft.Count)];
                Assert.NotNull(_queue.Deliver(item, [.. item.Recipients.Where(_ => _random.Next(2) == 0).DefaultIfEmpty(item.Recipients[^1])]));
            }
        }

        private void CutOne()
        {
            if (_aloft.Count > 0)
            {
                var item = _aloft[_random.Next(_aloft.Count)];
                _aloft.Remove(item);
                _queue.Cut(item);
            }
        }

        private void FailSite()
        {
            if (AnySite() is { } site)
            {
                var items = _aloft.Where(item => item.Destination.Equals(site.Key)).ToArray();
                _aloft.RemoveAll(items.Contains);
                _queue.FailSite(site.Key, [.. items]);
            }
        }

        private void Reclaim()
        {
            if (AnySite() is { } site)
            {
                _aloft.RemoveAll(item => item.Destination.Equals(site.Key));
                _queue.State.Traffic.Reclaim(site.Key, _queue.At);
            }
        }

        private void Resolve()
        {
            foreach (var domain in _queue.Lookups.Distinct().ToArray())
            {
                _queue.Lookups.Clear();
                var reply = new SmtpReply(451, new(4, 4, 3), "dns");
                switch (_random.Next(4))
                {
                    case 0:
                        _queue.Resolve(domain, null, new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, reply));
                        break;
                    case 1:
                        _queue.Resolve(domain, null, new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(550, new(5, 1, 2), "none")));
                        break;
                    default:
                        _queue.Resolve(domain, MxSites[_random.Next(2)], validFor: TimeSpan.FromMinutes(_random.Next(1, 100)));
                        break;
                }
            }
        }

        private void PauseOrResume()
        {
            if (AnySite() is { } site)
            {
                if (_random.Next(2) == 0)
                {
                    _queue.State.Sites.Pause(site, _queue.Now.AddMinutes(_random.Next(1, 500)), "test");
                }
                else
                {
                    _queue.State.Sites.Resume(site);
                }
            }
        }

        private void Check()
        {
            var aloft = _aloft.Select(static item => (item.Id, item.Recipients[0])).ToHashSet();
            Assert.Equal(_aloft.Count, aloft.Count);
            Assert.Equal(
                _aloft.Sum(item => _queue.State.Find(item.Id) is { } message ? item.Recipients.Select(place => message.Recipients[place].Group).Distinct().Count() : 0),
                _queue.State.Routes.Sites.Sum(static site => site.InFlight));
            Assert.Equal(_queue.Removed.Count, _queue.Removed.Distinct().Count());
            Assert.All(_queue.State.Routes.Sites, static site => Assert.InRange(site.Stale, 0, site.Ready.Count));
            CheckCounts();
        }

        /// <summary>What is counted as it changes is what a look at everything finds.</summary>
        private void CheckCounts()
        {
            var state = _queue.State;
            Assert.Equal(state.Messages.Count(static message => Selections.StateOf(message) == "held"), state.Tally.Held);
            Assert.Equal(_queue.Owed.Concat(state.Effects.Reports).Count(report => state.Find(report.Message) is not null), state.Tally.Reports);
            Assert.All(
                Enum.GetValues<SiteCondition>(),
                condition => Assert.Equal(state.Routes.Sites.Count(site => site.Condition == condition), state.Routes.Tally[condition]));
        }

        /// <summary>The world is good again: announced destinations pull, everything is taken, name servers answer, nobody holds anything.</summary>
        private void Heal()
        {
            foreach (var site in _queue.State.Routes.Sites.ToArray())
            {
                _queue.State.Sites.Resume(site);
            }

            _queue.Change(QueueAction.Release);
            for (var round = 0; round < 200 && _queue.State.Count > 0; round++)
            {
                foreach (var item in _aloft)
                {
                    _queue.Finish(item, OutcomeKind.Delivered);
                }

                _aloft.Clear();
                foreach (var domain in _queue.Lookups.Distinct().ToArray())
                {
                    _queue.Resolve(domain, MxSites[0], validFor: TimeSpan.FromDays(1));
                }

                _queue.Lookups.Clear();
                // Only who was told of work, and not since that there is none, pulls: as in life.
                foreach (var site in _queue.State.Routes.Sites.Where(static site => !site.IsHungry).ToArray())
                {
                    _aloft.AddRange(_queue.Pull(site.Key, 100));
                }

                _queue.MakeReports();
                _queue.Pass(TimeSpan.FromHours(4));
                Check();
            }
        }
    }
}
