using System.Buffers;
using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>Credentials that are a bearer token: <c>"Bearer" 1*SP b64token</c> (RFC 6750, section 2.1), the scheme in any case (RFC 9110, section 11.1).</summary>
internal static class BearerSyntax
{
    private static readonly SearchValues<byte> s_token =
        SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The token, <c>1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="</c>; empty where the credentials are not of that form.</summary>
    public static ReadOnlySpan<byte> TokenOf(ReadOnlySpan<byte> credentials)
    {
        const int Scheme = 6;
        if (credentials.Length <= Scheme || credentials[Scheme] != ' ' || !Ascii.EqualsIgnoreCase(credentials[..Scheme], "Bearer"u8))
        {
            return default;
        }

        ReadOnlySpan<byte> token = credentials[Scheme..].TrimStart((byte)' ');
        int length = token.IndexOfAnyExcept(s_token);
        bool isToken = length < 0 || (length > 0 && !token[length..].ContainsAnyExcept((byte)'='));
        return isToken ? token : default;
    }
}
