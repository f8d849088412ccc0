using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class RequestRejectionsTests
{
    public static TheoryData<byte> All => [.. Enum.GetValues<RequestRejection>().Where(reason => reason != RequestRejection.None).Select(reason => (byte)reason)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_reason_has_a_status_a_description_and_a_source(byte value)
    {
        var reason = (RequestRejection)value;
        Assert.Contains(RequestRejections.StatusCode(reason), new[] { 400, 405, 408, 413, 414, 417, 431, 501, 505 });
        Assert.Matches(@"^[A-Z][^\r\n]{10,90}\.$", RequestRejections.Description(reason));
        Assert.Matches(@"^RFC \d{4} \d+(\.\d+)*$", RequestRejections.RfcSection(reason));
        Assert.Equal(RequestRejections.StatusCode(reason) == 405, RequestRejections.AllowedMethod(reason) is not null);
    }

    [Fact]
    public void Descriptions_tell_the_reasons_apart()
        => Assert.Distinct(Enum.GetValues<RequestRejection>().Select(RequestRejections.Description));
}
