namespace Relay.Smtp.Replies;

/// <summary>The replies that the server dialogue itself gives. What policy says comes with its verdict.</summary>
public static class CannedReplies
{
    /// <summary>A command that needs no other words.</summary>
    public static readonly SmtpReply Ok = new(250, new(2, 0, 0), "Ok");

    /// <summary>MAIL accepted.</summary>
    public static readonly SmtpReply SenderOk = new(250, new(2, 1, 0), "Sender ok");

    /// <summary>RCPT accepted.</summary>
    public static readonly SmtpReply RecipientOk = new(250, new(2, 1, 5), "Recipient ok");

    /// <summary>A BDAT chunk that is not the last has arrived (RFC 3030).</summary>
    public static readonly SmtpReply ChunkOk = new(250, new(2, 0, 0), "Chunk received");

    /// <summary>DATA may begin.</summary>
    public static readonly SmtpReply StartMail = new(354, EnhancedStatus.None, "End data with <CR><LF>.<CR><LF>");

    /// <summary>QUIT.</summary>
    public static readonly SmtpReply Bye = new(221, new(2, 0, 0), "Bye");

    /// <summary>HELP.</summary>
    public static readonly SmtpReply Help = new(214, new(2, 0, 0), "See RFC 5321");

    /// <summary>VRFY: the same for every name (RFC 2505 section 2.11).</summary>
    public static readonly SmtpReply CannotVerify = new(252, new(2, 0, 0), "Not checked; send mail and see");

    /// <summary>STARTTLS accepted.</summary>
    public static readonly SmtpReply TlsReady = new(220, new(2, 0, 0), "Ready to start TLS");

    /// <summary>A verb that nobody knows, or an empty line.</summary>
    public static readonly SmtpReply Unrecognised = new(500, new(5, 5, 2), "Command not recognised");

    /// <summary>NUL, or octets that are not UTF-8, in a command.</summary>
    public static readonly SmtpReply BadOctets = new(500, new(5, 5, 2), "Octets not allowed in a command");

    /// <summary>A command line with a lone CR or LF; the connection ends, because what follows has two readings.</summary>
    public static readonly SmtpReply BadLineEnd = new(500, new(5, 5, 2), "Lines end with CRLF and hold no other CR or LF");

    /// <summary>A command line over its limit.</summary>
    public static readonly SmtpReply LineTooLong = new(500, new(5, 5, 2), "Line too long");

    /// <summary>Another protocol speaks; the connection ends.</summary>
    public static readonly SmtpReply NotSmtp = new(521, new(5, 5, 2), "This is an SMTP server");

    /// <summary>A PROXY header where none is expected; the connection ends and no address is taken from it.</summary>
    public static readonly SmtpReply NoProxy = new(500, new(5, 5, 2), "PROXY protocol is not spoken here");

    /// <summary>A known command that is not offered.</summary>
    public static readonly SmtpReply NotImplemented = new(502, new(5, 5, 1), "Command not implemented");

    /// <summary>A command that would let a client speak for another.</summary>
    public static readonly SmtpReply NotPermitted = new(550, new(5, 7, 0), "Not permitted");

    /// <summary>A command before EHLO or HELO.</summary>
    public static readonly SmtpReply HelloFirst = new(503, new(5, 5, 1), "Send EHLO first");

    /// <summary>MAIL within a transaction.</summary>
    public static readonly SmtpReply NestedMail = new(503, new(5, 5, 1), "Sender already given");

    /// <summary>A command that needs MAIL first.</summary>
    public static readonly SmtpReply MailFirst = new(503, new(5, 5, 1), "Send MAIL first");

    /// <summary>DATA or BDAT without an accepted recipient.</summary>
    public static readonly SmtpReply NoRecipients = new(503, new(5, 5, 1), "No valid recipients");

    /// <summary>DATA, MAIL or RCPT while chunks are being sent.</summary>
    public static readonly SmtpReply ChunksBegun = new(503, new(5, 5, 1), "The message has begun with BDAT");

    /// <summary>A command that this listener takes only under TLS (RFC 3207 section 4).</summary>
    public static readonly SmtpReply TlsFirst = new(530, new(5, 7, 0), "Must issue a STARTTLS command first");

    /// <summary>STARTTLS while as many handshakes are on as may be (RFC 3207 section 4).</summary>
    public static readonly SmtpReply TlsNotAvailable = new(454, new(4, 7, 0), "TLS not available at the moment");

    /// <summary>STARTTLS under TLS.</summary>
    public static readonly SmtpReply TlsAlready = new(503, new(5, 5, 1), "TLS is already on");

    /// <summary>AUTH succeeded (RFC 4954 section 6, as are those that follow).</summary>
    public static readonly SmtpReply Authenticated = new(235, new(2, 7, 0), "Authentication succeeded");

    /// <summary>AUTH failed: one reply for an unknown user, a wrong password and all else.</summary>
    public static readonly SmtpReply LoginFailed = new(535, new(5, 7, 8), "Authentication credentials invalid");

    /// <summary>AUTH before TLS.</summary>
    public static readonly SmtpReply TlsBeforeLogin = new(538, new(5, 7, 11), "Send STARTTLS first: logging in needs encryption");

    /// <summary>A mechanism that is not offered.</summary>
    public static readonly SmtpReply UnknownMechanism = new(504, new(5, 5, 4), "Authentication mechanism not offered");

    /// <summary>AUTH within a transaction.</summary>
    public static readonly SmtpReply LoginDuringMail = new(503, new(5, 5, 1), "AUTH is not for the middle of a mail");

    /// <summary>AUTH after AUTH.</summary>
    public static readonly SmtpReply LoggedInAlready = new(503, new(5, 5, 1), "Already authenticated");

    /// <summary>A response that is no base64, or not what the mechanism has.</summary>
    public static readonly SmtpReply BadLoginResponse = new(501, new(5, 5, 2), "Authentication response cannot be read");

    /// <summary>The client ended the exchange with an asterisk.</summary>
    public static readonly SmtpReply LoginCancelled = new(501, new(5, 5, 2), "Authentication cancelled");

    /// <summary>The client ends an exchange that is over already (RFC 4954 section 4: such a line gets 501).</summary>
    public static readonly SmtpReply NothingToCancel = new(501, new(5, 5, 2), "No authentication to cancel");

    /// <summary>AUTH or a response of an exchange over its limit.</summary>
    public static readonly SmtpReply LoginLineTooLong = new(500, new(5, 5, 6), "Authentication exchange line is too long");

    /// <summary>Too many failed logins; the connection ends.</summary>
    public static readonly SmtpReply TooManyFailedLogins = new(421, new(4, 7, 0), "Too many failed logins");

    /// <summary>A mail without AUTH on a listener that requires it.</summary>
    public static readonly SmtpReply LoginRequired = new(530, new(5, 7, 0), "Authentication required");

    /// <summary>The same before TLS, where nobody can log in yet.</summary>
    public static readonly SmtpReply TlsAndLoginRequired = new(530, new(5, 7, 0), "Authentication required: STARTTLS first");

    /// <summary>A command that takes no argument, or has a malformed one.</summary>
    public static readonly SmtpReply BadArgument = new(501, new(5, 5, 4), "Syntax error in the argument");

    /// <summary>MAIL that is not <c>FROM:&lt;path&gt;</c>.</summary>
    public static readonly SmtpReply BadSender = new(501, new(5, 5, 4), "Bad sender address syntax");

    /// <summary>RCPT that is not <c>TO:&lt;path&gt;</c>.</summary>
    public static readonly SmtpReply BadRecipient = new(501, new(5, 1, 3), "Bad recipient address syntax");

    /// <summary>A malformed, repeated or contradictory parameter of MAIL or RCPT.</summary>
    public static readonly SmtpReply BadParameter = new(501, new(5, 5, 4), "Bad or repeated parameter");

    /// <summary>A body type that is not offered (BINARYMIME).</summary>
    public static readonly SmtpReply BodyTypeNotOffered = new(504, new(5, 5, 4), "Body type not offered");

    /// <summary>A parameter of an extension that is not offered.</summary>
    public static readonly SmtpReply UnknownParameter = new(555, new(5, 5, 4), "Parameter not recognised");

    /// <summary>An address outside ASCII without SMTPUTF8 (RFC 6531 section 3.5).</summary>
    public static readonly SmtpReply NeedsSmtpUtf8 = new(553, new(5, 6, 7), "Address needs SMTPUTF8");

    /// <summary>Recipients beyond the limit (RFC 5321 section 4.5.3.1.10); those accepted stay.</summary>
    public static readonly SmtpReply TooManyRecipients = new(452, new(4, 5, 3), "Too many recipients");

    /// <summary>A message over the size limit (RFC 1870).</summary>
    public static readonly SmtpReply TooLarge = new(552, new(5, 3, 4), "Message exceeds the size limit");

    /// <summary>A header section over its limit in octets.</summary>
    public static readonly SmtpReply HeaderTooLarge = new(552, new(5, 3, 4), "Header section exceeds its size limit");

    /// <summary>A header section over its limit in fields.</summary>
    public static readonly SmtpReply TooManyFields = new(554, new(5, 6, 0), "Too many header fields");

    /// <summary>As many Received fields as a loop has.</summary>
    public static readonly SmtpReply TooManyHops = new(554, new(5, 4, 6), "Too many hops: mail loop");

    /// <summary>A message whose first line is the continuation of nothing.</summary>
    public static readonly SmtpReply LeadingBlank = new(550, new(5, 6, 0), "The message begins with white space, not with a header field");

    /// <summary>A content line over 998 octets.</summary>
    public static readonly SmtpReply ContentLineTooLong = new(550, new(5, 6, 0), "A line of the message is too long");

    /// <summary>Bare CR, bare LF or NUL in a message.</summary>
    public static readonly SmtpReply BadContent = new(550, new(5, 5, 2), "Bare CR, bare LF or NUL in the message");

    /// <summary>Something was sent where the client had to wait for a reply (RFC 2920 section 3.1); the connection ends.</summary>
    public static readonly SmtpReply OutOfSync = new(554, new(5, 5, 0), "Sent before the reply it depends on");

    /// <summary>Too many refused commands; the connection ends.</summary>
    public static readonly SmtpReply TooManyErrors = new(421, new(4, 7, 0), "Too many errors");

    /// <summary>Too many commands that carry no mail; the connection ends.</summary>
    public static readonly SmtpReply TooMuchJunk = new(421, new(4, 7, 0), "Too many commands without mail");

    /// <summary>The same when they come from mails that were refused for now; the connection ends.</summary>
    public static readonly SmtpReply TooManyDeferrals = new(421, new(4, 7, 0), "Too many mails that are refused for now, try again later");
}
