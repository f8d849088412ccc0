namespace OneShot.AspNetCore.Tests.Hosting.Chain;

/// <summary>How the front is asked for.</summary>
public enum Form
{
    /// <summary>Not at all: stock Kestrel.</summary>
    None,
    WebHost,
    WebHostAfterKestrel,
    EndpointFirst,
    EndpointInBetween,
    EndpointLast,
    Both,
}

/// <summary>Where the endpoint's TLS comes from.</summary>
public enum Tls
{
    None,
    ByCode,
    ByCallback,
    ByCodeWithClientCertificate,

    /// <summary>No TLS, but the endpoint is one from configuration.</summary>
    NoneFromConfiguration,
    FromConfiguration,
    FromConfigurationBySni,
    FromConfigurationWithClientCertificate,

    /// <summary>The endpoint is an address of the host's.</summary>
    NoneFromAddress,
    FromAddress,
}

/// <summary>What else the owner has put into the endpoint's chain.</summary>
public enum Neighbour
{
    None,
    AllowsAll,
    DeniesAll,
    Logging,

    /// <summary>Reads a line that names the client and goes before the rest, and sets the connection's address.</summary>
    Proxy,

    /// <summary>The same, in a connection context of its own.</summary>
    ProxyInOwnContext,

    /// <summary>All bytes are disguised, in a connection context of its own that reads nothing before Kestrel does.</summary>
    Cipher,

    /// <summary>The same, in a context that has copied all there is to ask, the transport last.</summary>
    CipherInCopy,

    /// <summary>The same, in a context that asks for everything when it is asked, and disguises the transport then.</summary>
    CipherOnDemand,
}

/// <summary>How the chain ends.</summary>
public enum ChainEnd
{
    Http,

    /// <summary>A protocol of its own in which the server speaks first.</summary>
    Handler,

    /// <summary>A middleware that does not go on, with the same protocol.</summary>
    Terminal,
}

/// <summary>An endpoint: everything about it that decides what its chain is, such as that the neighbour's line stands before that for TLS.</summary>
public sealed record ChainCase(Form Form, Tls Tls, Neighbour Neighbour, bool NeighbourFirst, ChainEnd End)
{
    internal bool IsFromConfiguration =>
        Tls is Tls.NoneFromConfiguration or Tls.FromConfiguration or Tls.FromConfigurationBySni or Tls.FromConfigurationWithClientCertificate;

    internal bool IsAddress => Tls is Tls.NoneFromAddress or Tls.FromAddress;

    internal bool IsTls => Tls is not (Tls.None or Tls.NoneFromConfiguration or Tls.NoneFromAddress);

    internal bool WantsClientCertificate => Tls is Tls.ByCodeWithClientCertificate or Tls.FromConfigurationWithClientCertificate;

    internal bool IsDisguised => Neighbour is Neighbour.Cipher or Neighbour.CipherInCopy or Neighbour.CipherOnDemand;

    /// <summary>
    /// A line of the owner's behind the front's place in an endpoint that Kestrel makes, and that takes the connection into a
    /// context of its own, hides it from the front: Kestrel serves.
    /// </summary>
    internal bool IsHiddenFromFront =>
        (IsFromConfiguration || IsAddress)
        && (Neighbour == Neighbour.ProxyInOwnContext || IsDisguised)
        && Form is not (Form.EndpointLast or Form.Both);
}
