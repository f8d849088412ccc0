using OxyPlot;

namespace OneShot.LoadTest.Report;

/// <summary>Writes plots as SVG, with room for their texts in whatever font they are shown.</summary>
internal static class PlotExport
{
    public static string ToSvg(PlotModel model, double width, double height) =>
        SvgExporter.ExportToString(model, width, height, isDocument: true, textMeasurer: new WidestFont(width, height));

    /// <summary>
    /// The library measures in points of 1/72 inch and draws in pixels of 1/96, and in Helvetica where the reader may see a font that is a sixth
    /// wider (DejaVu Sans): legends, which it clips at what it has measured, would lose the end of their longest line.
    /// </summary>
    private sealed class WidestFont(double width, double height) : PdfRenderContext(width, height, OxyColors.White)
    {
        private const double PixelsPerPoint = 96.0 / 72;
        private const double Wider = 1.2;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            OxySize size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new OxySize(size.Width * PixelsPerPoint * Wider, size.Height * PixelsPerPoint);
        }
    }
}
