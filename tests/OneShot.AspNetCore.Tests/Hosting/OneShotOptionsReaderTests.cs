using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Http1;

namespace OneShot.AspNetCore.Tests.Hosting;

public class OneShotOptionsReaderTests
{
    [Fact]
    public void Every_key_is_read()
    {
        OneShotOptions options = Read(new()
        {
            ["Capacity"] = "8MiB",
            ["BlockSize"] = "4096",
            ["Reclamation"] = "perrequest",
            ["GenerationSize"] = "2MiB",
            ["Exhaustion"] = "Reject",
            ["HugePages"] = "true",
            ["PreTouch"] = "4MiB",
            ["ConnectionBudget"] = "256KiB",
            ["Restart:JitterTime"] = "00:00:15",
            ["PopulateStep"] = "64KiB",
            ["PopulateAtStart"] = "true",
            ["Debug"] = "True",
            ["MemoryCheck"] = "refuse",
            ["Restart:WarnAt"] = "0.5",
            ["Restart:DrainAt"] = ".6",
            ["Restart:LiveAt"] = "1",
            ["Restart:Jitter"] = "0.05",
            ["Restart:SelfDrain"] = "true",
            ["Restart:DrainDelay"] = "00:01:30",
            ["Restart:PeakTolerance"] = "00:02:00",
            ["Restart:MinLife"] = "00:20:00",
            ["Restart:ExitCode"] = "42",
            ["Restart:Succeed"] = "true",
            ["Restart:SuccessorTimeout"] = "00:02:30",
            ["Restart:MemoryLimit:Container"] = "false",
            ["Restart:MemoryLimit:GcHeap"] = "False",
            ["Restart:MemoryLimit:WarnAt"] = "0.7",
            ["Restart:MemoryLimit:DrainAt"] = "0.8",
            ["Restart:MemoryLimit:LiveAt"] = "0.99",
            ["Heap:Budget"] = "2GiB",
            ["Heap:LargeObjects"] = "64MiB",
            ["Heap:PopulateAtStart"] = "false",
            ["Http1:AllowBareLineFeed"] = "true",
            ["Http1:AllowEmptyHost"] = "true",
            ["Http1:AllowLengthBesideTransferEncoding"] = "true",
            ["Http1:AllowControlCharactersInValues"] = "true",
            ["Http1:KeepAliveAfterUnreadExpect"] = "true",
        });

        Assert.All(typeof(Http1Options).GetProperties(), property => Assert.Equal(true, property.GetValue(options.Http1)));

        Assert.Equal(8 << 20, options.Capacity);
        Assert.Equal(4096, options.BlockSize);
        Assert.Equal(ArenaReclamation.PerRequest, options.Reclamation);
        Assert.Equal(2 << 20, options.GenerationSize);
        Assert.Equal(ArenaExhaustion.Reject, options.Exhaustion);
        Assert.True(options.HugePages);
        Assert.Equal(4 << 20, options.PreTouch);
        Assert.Equal(256 << 10, options.ConnectionBudget);
        Assert.Equal(TimeSpan.FromSeconds(15), options.Restart.JitterTime);
        Assert.Equal(64 << 10, options.PopulateStep);
        Assert.True(options.PopulateAtStart);
        Assert.True(options.Debug);
        Assert.Equal(MemoryCheck.Refuse, options.MemoryCheck);
        Assert.Equal((0.5, 0.6, 1.0), (options.Restart.WarnAt, options.Restart.DrainAt, options.Restart.LiveAt));
        Assert.Equal((false, false, new(0.7, 0.8, 0.99)), (options.Restart.MemoryLimit.Container, options.Restart.MemoryLimit.GcHeap, options.Restart.MemoryLimit.Thresholds));
        Assert.Equal(TimeSpan.FromMinutes(2), options.Restart.PeakTolerance);
        Assert.Equal(TimeSpan.FromMinutes(20), options.Restart.MinLife);
        Assert.Equal((2L << 30, 64L << 20, false), (options.Heap.Budget, options.Heap.LargeObjects, options.Heap.PopulateAtStart));
        Assert.Equal((true, TimeSpan.FromSeconds(150)), (options.Restart.Succeed, options.Restart.SuccessorTimeout));
        Assert.Equal((0.05, true, TimeSpan.FromSeconds(90), 42), (options.Restart.Jitter, options.Restart.SelfDrain, options.Restart.DrainDelay, options.Restart.ExitCode));
    }

    [Fact]
    public void For_the_ladder_alone_the_arena_s_keys_are_not_read()
    {
        IConfiguration section = Section("Capacity", "nonsense");
        section["BlockSize"] = "4096";
        section["Http1:AllowEmptyHost"] = "true";
        section["Restart:WarnAt"] = "0.5";
        section["Heap:Budget"] = "2GiB";
        section["MemoryCheck"] = "Off";
        OneShotOptions options = new();

        new OneShotOptionsReader(section) { IsForRestartAlone = true }.Configure(options);

        Assert.Equal((64 << 20, 16 << 10, false), (options.Capacity, options.BlockSize, options.Http1.AllowEmptyHost));
        Assert.Equal((0.5, 2L << 30, MemoryCheck.Off), (options.Restart.WarnAt, options.Heap.Budget, options.MemoryCheck));
    }

    [Fact]
    public void A_key_that_is_not_there_keeps_its_default()
    {
        OneShotOptions options = Read([]);
        Assert.All(typeof(Http1Options).GetProperties(), property => Assert.Equal(false, property.GetValue(options.Http1)));

        Assert.Equal(64 << 20, options.Capacity);
        Assert.Equal(16 << 10, options.BlockSize);
        Assert.Equal(ArenaReclamation.PerRequest, options.Reclamation);
        Assert.Equal(0, options.GenerationSize);
        Assert.Equal(ArenaExhaustion.Fallback, options.Exhaustion);
        Assert.False(options.HugePages);
        Assert.Equal(0, options.PreTouch);
        Assert.Equal(256 << 10, options.PopulateStep);
        Assert.False(options.PopulateAtStart);
        Assert.False(options.Debug);
        Assert.Equal(MemoryCheck.Warn, options.MemoryCheck);
        Assert.Equal((0.75, 0.85, 0.95), (options.Restart.WarnAt, options.Restart.DrainAt, options.Restart.LiveAt));
        Assert.Equal((true, true, new(0.85, 0.92, 0.97)), (options.Restart.MemoryLimit.Container, options.Restart.MemoryLimit.GcHeap, options.Restart.MemoryLimit.Thresholds));
        Assert.Equal(TimeSpan.FromMinutes(1), options.Restart.PeakTolerance);
        Assert.Equal(TimeSpan.FromMinutes(10), options.Restart.MinLife);
        Assert.Equal((0L, 0L, true), (options.Heap.Budget, options.Heap.LargeObjects, options.Heap.PopulateAtStart));
        Assert.Equal((false, TimeSpan.FromMinutes(1)), (options.Restart.Succeed, options.Restart.SuccessorTimeout));
        Assert.Equal((0.1, false, TimeSpan.FromSeconds(10), 0), (options.Restart.Jitter, options.Restart.SelfDrain, options.Restart.DrainDelay, options.Restart.ExitCode));
    }

    [Theory]
    [InlineData("Capacity", "64MB", "OneShot:Capacity is '64MB': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB, or 1% to 90% of the container's memory limit.")]
    [InlineData("Capacity", "", "OneShot:Capacity is '': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB, or 1% to 90% of the container's memory limit.")]
    [InlineData("Capacity", "91%", "OneShot:Capacity is '91%': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB, or 1% to 90% of the container's memory limit.")]
    [InlineData("BlockSize", "4GiB", "OneShot:BlockSize is '4GiB': write bytes, or a whole number of KiB, MiB or GiB up to 2147483647 bytes, such as 64MiB.")]
    [InlineData("Reclamation", "Sometimes", "OneShot:Reclamation is 'Sometimes': write Never, PerRequest or Generational.")]
    [InlineData("Reclamation", "1", "OneShot:Reclamation is '1': write Never, PerRequest or Generational.")]
    [InlineData("GenerationSize", "half", "OneShot:GenerationSize is 'half': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB.")]
    [InlineData("HugePages", "yes", "OneShot:HugePages is 'yes': write true or false.")]
    [InlineData("PreTouch", "-1", "OneShot:PreTouch is '-1': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB.")]
    [InlineData("Debug", "1", "OneShot:Debug is '1': write true or false.")]
    [InlineData("Exhaustion", "Crash", "OneShot:Exhaustion is 'Crash': write Fallback, Reject, Throw or FailFast.")]
    [InlineData("Restart:WarnAt", "75%", "OneShot:Restart:WarnAt is '75%': write a number between 0 and 1, such as 0.85.")]
    [InlineData("Restart:DrainAt", "0,85", "OneShot:Restart:DrainAt is '0,85': write a number between 0 and 1, such as 0.85.")]
    [InlineData("Restart:LiveAt", "NaN", "OneShot:Restart:LiveAt is 'NaN': write a number between 0 and 1, such as 0.85.")]
    [InlineData("Heap:Budget", "2GB", "OneShot:Heap:Budget is '2GB': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB.")]
    [InlineData("MemoryCheck", "no", "OneShot:MemoryCheck is 'no': write Warn, Refuse or Off.")]
    [InlineData("Restart:MemoryLimit:Container", "1", "OneShot:Restart:MemoryLimit:Container is '1': write true or false.")]
    [InlineData("Restart:MemoryLimit:DrainAt", "92%", "OneShot:Restart:MemoryLimit:DrainAt is '92%': write a number between 0 and 1, such as 0.85.")]
    [InlineData("Restart:Jitter", "-0.1", "OneShot:Restart:Jitter is '-0.1': write a number between 0 and 1, such as 0.85.")]
    [InlineData("Restart:SelfDrain", "always", "OneShot:Restart:SelfDrain is 'always': write true or false.")]
    [InlineData("Restart:DrainDelay", "10", "OneShot:Restart:DrainDelay is '10': write hours:minutes:seconds, such as 00:00:10.")]
    [InlineData("Restart:DrainDelay", "10s", "OneShot:Restart:DrainDelay is '10s': write hours:minutes:seconds, such as 00:00:10.")]
    [InlineData("Restart:ExitCode", "-1", "OneShot:Restart:ExitCode is '-1': write a whole number.")]
    public void A_bad_value_is_told_with_its_key_and_what_to_write(string key, string value, string message)
    {
        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(() => Read(new() { [key] = value }));

        Assert.Equal([message], exception.Failures);
    }

    [Fact]
    public void All_bad_values_are_told_at_once()
    {
        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => Read(new() { ["Capacity"] = "lots", ["Reclamation"] = "later" }));

        Assert.Equal(2, exception.Failures.Count());
    }

    private static OneShotOptions Read(Dictionary<string, string?> values)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create("OneShot:" + pair.Key, pair.Value)))
            .Build();
        OneShotOptions options = new();
        new OneShotOptionsReader(configuration.GetSection("OneShot")).Configure(options);
        return options;
    }

    [Theory]
    [InlineData("50%", 512, 256)]
    [InlineData(" 33% ", 1000, 330)]
    [InlineData("1%", 150, 1)]
    [InlineData("90%", 512, 460)]
    public void A_capacity_may_be_a_share_of_the_containers_limit_in_whole_MiB(string text, long limit, long expected)
    {
        OneShotOptions options = new();

        new OneShotOptionsReader(Section("Capacity", text), () => limit << 20).Configure(options);

        Assert.Equal(expected << 20, options.Capacity);
    }

    [Fact]
    public void Without_a_limit_a_share_is_refused_with_what_to_write()
    {
        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => new OneShotOptionsReader(Section("Capacity", "50%"), () => null).Configure(new()));

        Assert.Equal("OneShot:Capacity is '50%': this process has no container with a memory limit, so write bytes, such as 64MiB.", exception.Message);
    }

    private static IConfigurationSection Section(string key, string text) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>($"OneShot:{key}", text)]).Build().GetSection("OneShot");
}
