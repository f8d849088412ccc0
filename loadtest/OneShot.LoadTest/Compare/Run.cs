using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>One measured run of the tool against one server.</summary>
internal sealed record Run(Side Side, LoadOutcome Load, ServerCost Cost);
