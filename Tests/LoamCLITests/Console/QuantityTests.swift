import LoamSchema
import Testing

@testable import LoamCLI

@Suite struct QuantityTests {
  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (12, "12")])
  func countsAreGroupedByThousands(value: Int, text: String) { #expect(Quantity.count(value) == text) }

  @Test func largestCountIsWhole() { #expect(Quantity.count(UInt64.max) == "18,446,744,073,709,551,615") }

  @Test func nounsFollowTheirNumber() {
    #expect(Quantity.count(1, "row") == "1 row")
    #expect(Quantity.count(0, "row") == "0 rows")
    #expect(Quantity.count(2, "entry", "entries") == "2 entries")
  }

  @Test(arguments: [
    (0, "0 B"), (1_023, "1023 B"), (1_536, "1.50 KiB"), (52_428_800, "50.0 MiB"), (171_798_691_840, "160 GiB"),
  ])
  func bytesAreInBinaryUnits(value: Int, text: String) { #expect(Quantity.bytes(value) == text) }

  @Test func numbersThatAreNoneShowADash() {
    #expect(Quantity.fixed(.nan, 2) == "-")
    #expect(Quantity.fixed(nil, 2) == "-")
    #expect(Quantity.seconds(.infinity) == "-")
    #expect(Quantity.rate(.infinity, "rows") == "-")
  }

  @Test func largeFractionsAreGroupedToo() {
    #expect(Quantity.fixed(12_345.678, 1) == "12,345.7")
    #expect(Quantity.fixed(-0.5, 3) == "-0.500")
  }

  @Test(arguments: [(0.123, "0.12 s"), (9.94, "9.9 s"), (59, "59 s"), (61.2, "1:01"), (3_725, "1:02:05")])
  func durationsGrowFromSecondsToHours(value: Double, text: String) { #expect(Quantity.seconds(value) == text) }

  @Test(arguments: [
    (0, "1970-01-01 00:00:00"), (1_735_689_600_174_000, "2025-01-01 00:00:00.174"),
    (-1, "1969-12-31 23:59:59.999999"), (951_782_400_000_000, "2000-02-29 00:00:00"),
    (Timestamp.absent, "-"),
  ])
  func timesAreInUTC(value: Timestamp, text: String) { #expect(Quantity.time(value) == text) }
}
