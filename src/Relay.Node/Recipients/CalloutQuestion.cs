using Relay.Node.Listeners;
using Relay.Node.Places;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>A question to a next hop on its way, and for which networks. Joined under the lock of its <see cref="Callouts"/>.</summary>
internal sealed class CalloutQuestion(MailPath recipient, ClientKey network)
{
    private readonly List<ClientKey> _joined = [];
    private PlaceClaim<ClientKey>? _claim;

    public MailPath Recipient { get; } = recipient;

    public TaskCompletionSource<RecipientFinding> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The next hop was about to be asked; a cancelled question leaves nothing else to tell how far it came.</summary>
    public bool IsAsked { get; set; }

    /// <summary>A client of this network wants to know the same: the place may be of its share.</summary>
    public void Join(ClientKey another, FairPlaces<ClientKey> places)
    {
        if (_claim is not null)
        {
            places.Join(_claim, another);
        }
        else if (another != network && !_joined.Contains(another))
        {
            _joined.Add(another);
        }
    }

    /// <summary>Its claim to a connection, now that the next hop is known.</summary>
    public PlaceClaim<ClientKey> ClaimAt(string hop, FairPlaces<ClientKey> places)
    {
        _claim = new PlaceClaim<ClientKey>(network, hop);
        _joined.ForEach(another => places.Join(_claim, another));
        return _claim;
    }
}
