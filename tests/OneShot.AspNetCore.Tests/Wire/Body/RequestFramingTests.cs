using OneShot.AspNetCore.Wire;
using static OneShot.AspNetCore.Wire.RequestRejection;

namespace OneShot.AspNetCore.Tests.Wire;

public class RequestFramingTests
{
    [Theory]
    [InlineData("", RequestBodyKind.None, -1)]
    [InlineData("Content-Length: 0\r\n", RequestBodyKind.None, 0)]
    [InlineData("Content-Length: 5\r\n", RequestBodyKind.ContentLength, 5)]
    [InlineData("content-length:0005\r\n", RequestBodyKind.ContentLength, 5)]
    [InlineData("Content-Length: 9223372036854775807\r\n", RequestBodyKind.ContentLength, long.MaxValue)]
    [InlineData("Transfer-Encoding: chunked\r\n", RequestBodyKind.Chunked, -1)]
    [InlineData("transfer-encoding:\tCHUNKED \r\n", RequestBodyKind.Chunked, -1)]
    internal void The_end_of_the_body_is_found(string lines, RequestBodyKind body, long length)
    {
        RequestFraming framing = Accept("GET / HTTP/1.1\r\nHost: a\r\n" + lines);
        Assert.Equal((body, length), (framing.Body, framing.ContentLength));
    }

    [Theory]
    [InlineData("Content-Length:\r\n", InvalidContentLength)]
    [InlineData("Content-Length: -1\r\n", InvalidContentLength)]
    [InlineData("Content-Length: +1\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 1 1\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 0x1\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 1,1\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 1.0\r\n", InvalidContentLength)]
    [InlineData("Content-Length: \u00B2\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 9223372036854775808\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 18446744073709551617\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 99999999999999999999999999\r\n", InvalidContentLength)]
    [InlineData("Content-Length: 1\r\nContent-Length: 1\r\n", MultipleContentLengths)]
    [InlineData("Content-Length: 1\r\ncontent-length: 2\r\n", MultipleContentLengths)]
    [InlineData("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", ContentLengthWithTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", ContentLengthWithTransferEncoding)]
    [InlineData("Transfer-Encoding: identity\r\nContent-Length: 0\r\n", ContentLengthWithTransferEncoding)]
    [InlineData("Transfer-Encoding:\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: ,chunked\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked,\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked;a=b\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: \"chunked\"\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: chun ked\r\n", InvalidTransferEncoding)]
    [InlineData("Transfer-Encoding: xchunked\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: gzip\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: identity\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: chunked, chunked\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", TransferEncodingNotChunked)]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n", UnsupportedTransferCoding)]
    [InlineData("Transfer-Encoding: gzip;q=1 , chunked\r\n", UnsupportedTransferCoding)]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", UnsupportedTransferCoding)]
    internal void Framing_that_can_be_read_in_two_ways_is_refused(string lines, RequestRejection expected)
    {
        Refuse("GET / HTTP/1.1\r\nHost: a\r\n" + lines, expected);
        Refuse("POST / HTTP/1.1\r\nHost: a\r\n" + lines, expected);
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", TransferEncodingOnHttp10)]
    [InlineData("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n", TransferEncodingOnHttp10)]
    [InlineData("POST / HTTP/1.0\r\n", LengthRequiredOnHttp10)]
    [InlineData("PUT / HTTP/1.0\r\n", LengthRequiredOnHttp10)]
    internal void Http_1_0_needs_a_length_and_knows_no_transfer_coding(string head, RequestRejection expected) => Refuse(head, expected);

    [Theory]
    [InlineData("POST / HTTP/1.0\r\nContent-Length: 0\r\n")]
    [InlineData("GET / HTTP/1.0\r\n")]
    [InlineData("DELETE / HTTP/1.0\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n")]
    public void No_length_is_no_body_where_that_is_clear(string head) => Assert.Equal(RequestBodyKind.None, Accept(head).Body);

    [Theory]
    [InlineData("1.1", "", true, false)]
    [InlineData("1.1", "Connection: close\r\n", false, false)]
    [InlineData("1.1", "Connection: Keep-Alive, CLOSE\r\n", false, false)]
    [InlineData("1.1", "Connection: x\r\nconnection: y,close\r\n", false, false)]
    [InlineData("1.1", "Connection: closed, close-not, \"close\"\r\n", true, false)]
    [InlineData("1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", true, true)]
    [InlineData("1.1", "Connection: upgrade\r\nContent-Length: 0\r\n", true, true)]
    [InlineData("1.1", "Connection: upgrade\r\nContent-Length: 1\r\n", true, false)]
    [InlineData("1.1", "Connection: upgrade\r\nTransfer-Encoding: chunked\r\n", true, false)]
    [InlineData("1.1", "Connection: ,,,\r\n", true, false)]
    [InlineData("1.0", "", false, false)]
    [InlineData("1.0", "Connection: keep-alive\r\n", true, false)]
    [InlineData("1.0", "Connection: x ,\tKEEP-ALIVE\r\n", true, false)]
    [InlineData("1.0", "Connection: keep-alive\r\nConnection: close\r\n", false, false)]
    public void Connection_options_are_read_as_one_list(string version, string lines, bool keepAlive, bool upgrade)
    {
        RequestFraming framing = Accept($"GET / HTTP/{version}\r\nHost: a\r\n{lines}");
        Assert.Equal((keepAlive, upgrade), (framing.KeepAlive, framing.ConnectionUpgrade));
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nexpect: 100-Continue\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect:\r\n", false)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n", false)]
    [InlineData("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n", false)]
    public void The_client_waits_for_100_only_where_it_may(string head, bool expected) => Assert.Equal(expected, Accept(head).ExpectContinue);

    [Theory]
    [InlineData("Expect: 200-ok\r\n")]
    [InlineData("Expect: 100-continue, x\r\n")]
    [InlineData("Expect: 100-continue\r\nExpect: 100-continue;a=b\r\n")]
    public void Any_other_expectation_fails(string lines) => Refuse("GET / HTTP/1.1\r\nHost: a\r\n" + lines, UnknownExpectation);

    [Theory]
    [InlineData("", MissingHost)]
    [InlineData("Host: a\r\nHost: a\r\n", MultipleHosts)]
    [InlineData("Host:\r\n", InvalidHost)]
    [InlineData("Host: a b\r\n", InvalidHost)]
    [InlineData("Host: a/\r\n", InvalidHost)]
    internal void Host_is_there_once_and_well_formed(string lines, RequestRejection expected) => Refuse("GET / HTTP/1.1\r\n" + lines, expected);

    [Fact]
    public void Http_1_0_may_leave_the_host_out_but_not_garble_it()
    {
        Accept("GET / HTTP/1.0\r\n");
        Refuse("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n", MultipleHosts);
        Refuse("GET / HTTP/1.0\r\nHost: /\r\n", InvalidHost);
    }

    private static RequestFraming Accept(string head)
    {
        using var request = new ParsedRequest(head + "\r\n");
        Assert.Equal(None, RequestFraming.TryDetermine(request.Line, request.Table, out RequestFraming framing));
        return framing;
    }

    private static void Refuse(string head, RequestRejection expected)
    {
        using var request = new ParsedRequest(head + "\r\n");
        Assert.Equal(expected, RequestFraming.TryDetermine(request.Line, request.Table, out _));
    }
}
