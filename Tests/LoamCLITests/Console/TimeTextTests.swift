import Testing

@testable import LoamCLI

@Suite struct TimeTextTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("1970-01-02 00:00", 86_400_000_000), ("2025-01-01T00:00:00.174Z", 1_735_689_600_174_000),
    ("2000-02-29 12:30:01", 951_827_401_000_000), ("1969-12-31T23:59:59.999999Z", -1),
  ])
  func timesAreReadAsUTC(text: String, value: Int64) { #expect(TimeText.microseconds(text) == value) }

  @Test(arguments: [
    "", "2025", "2025-02-30", "2025-13-01", "2025-01-01 25:00", "2025-01-01T10", "yesterday", "2025-01-01Z1",
  ])
  func textThatIsNoTimeIsRefused(text: String) { #expect(TimeText.microseconds(text) == nil) }

  @Test func whatIsShownIsReadBack() {
    for value in stride(from: Int64(-5_000_000_000_000_000), to: 5_000_000_000_000_000, by: 77_777_777_777_777) {
      #expect(TimeText.microseconds(Quantity.time(value)) == value)
    }
  }
}
