namespace Relay.Smtp.Commands;

/// <summary>The verbs that the server tells apart.</summary>
internal enum SmtpVerb : byte
{
    /// <summary>None of the others.</summary>
    Unknown,
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    StartTls,
    Auth,

    /// <summary>EXPN, ETRN and others that are known and not served.</summary>
    Unserved,

    /// <summary>XCLIENT and XFORWARD, which would change who the client is.</summary>
    Impersonation,

    /// <summary>A PROXY protocol header, version 1.</summary>
    Proxy,

    /// <summary>A method of HTTP: a browser or web server is being used against us.</summary>
    Http,
}
