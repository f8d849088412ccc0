using System.Net;

namespace Gateway;

/// <summary>Where Kestrel is to listen: a <c>Url</c> of the settings <c>Kestrel:Endpoints</c>.</summary>
/// <param name="Endpoint">Its name there.</param>
/// <param name="Address">What the setting says.</param>
internal sealed record ListenAddress(string Endpoint, BindingAddress Address)
{
    private const string Section = "Kestrel:Endpoints";

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback => Address.IsUnixPipe
        || Address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Address.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    public static string KeyOf(string endpoint) => $"{Section}:{endpoint}:Url";

    /// <exception cref="InvalidSettingException">One is no address.</exception>
    public static IReadOnlyList<ListenAddress> ReadAll(IConfiguration configuration) =>
        [.. from endpoint in configuration.GetSection(Section).GetChildren() let url = endpoint["Url"] where url is not null select Read(endpoint.Key, url)];

    private static ListenAddress Read(string endpoint, string url)
    {
        try
        {
            return new ListenAddress(endpoint, BindingAddress.Parse(url));
        }
        catch (FormatException exception)
        {
            throw new InvalidSettingException($"{KeyOf(endpoint)} is '{url}': {exception.Message}");
        }
    }
}
