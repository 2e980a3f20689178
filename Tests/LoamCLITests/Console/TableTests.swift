import Testing

@testable import LoamCLI

@Suite struct TableTests {
  @Test func numbersAlignRightAndTextLeft() {
    var table = Table(.text("item"), .number("count"), .number("speed", unit: "rows/s"))
    table.add("1968", Quantity.count(218_122), "7")
    table.add("a-longer-name", "5", Quantity.count(1_200_000))
    #expect(
      table.lines(.plain) == [
        "  item             count  speed (rows/s)",
        "  ─────────────  ───────  ──────────────",
        "  1968           218,122               7",
        "  a-longer-name        5       1,200,000",
      ])
  }

  @Test func factsHaveNoHeadings() {
    #expect(
      Table.facts([("rows", "5"), ("written in", "1.2 s")]).lines(.plain) == ["  rows        5", "  written in  1.2 s"])
  }

  @Test func storedControlCharactersDoNotReachTheTerminal() {
    var table = Table(.text(""), .text(""))
    table.add("\u{1b}[2Jname", "a\nb")
    #expect(table.lines(.plain) == ["  \u{fffd}[2Jname  a\u{fffd}b"])
  }

  @Test func coloursMarkTheHeadingOnly() {
    var table = Table(.text("a"), .number("b"))
    table.add("x", "1")
    let lines = table.lines(Style(colours: true, width: 80))
    #expect(lines == ["  \u{1b}[1ma  b\u{1b}[0m", "  \u{1b}[2m─  ─\u{1b}[0m", "  x  1"])
  }
}
