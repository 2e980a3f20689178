import Testing

@testable import LoamCLI

@Suite struct ProgressTests {
  @Test func lineShowsBarCountRateAndTimeLeft() {
    let line = ProgressLine(title: "ingest", unit: "rows", done: 250_000, total: 1_000_000, seconds: 5)
    #expect(
      line.text(.plain)
        == "ingest  ▕██████                  ▏ 25 %  250,000 rows  50,000 rows/s  15 s left")
  }

  @Test func lineWithoutTotalHasNoBar() {
    let line = ProgressLine(title: "ingest", unit: "rows", done: 10, total: nil, seconds: 2)
    #expect(line.text(.plain) == "ingest  10 rows  5.0 rows/s")
  }

  @Test func lineNeverWrapsTheTerminal() {
    let line = ProgressLine(title: "ingest", unit: "rows", done: 1, total: 2, seconds: 5, note: "a long note")
    #expect(line.text(Style(colours: false, width: 40)).count == 39)
  }
}
