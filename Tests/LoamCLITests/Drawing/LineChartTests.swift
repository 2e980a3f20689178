import Foundation
import Testing

@testable import LoamCLI

@Suite struct LineChartTests {
  static func heights(_ svg: String) -> [Double] {
    svg.split(separator: "\n").filter { $0.contains(#"class="name"#) }.compactMap { line in
      line.split(separator: #" y=""#).last.flatMap { Double($0.prefix { $0 != "\"" }) }
    }
  }

  @Test func `Names of lines that end together are a line of text apart, inside the picture`() {
    let lines = (0..<6).map { LineChart.Line(name: "seen \($0)", values: [0.6, 0.7], colour: $0) }
    let heights = Self.heights(LineChart(title: "AUC", lines: lines).svg)
    #expect(heights.count == 6)
    for (a, b) in zip(heights, heights.dropFirst()) { #expect(b - a >= 15) }
    #expect(heights.allSatisfy { $0 > 0 && $0 <= 270 })
  }

  @Test func `A gap in the values is a gap in the line, and the ends of the scale are round`() {
    let svg = LineChart(title: "Loss", lines: [.init(name: "a", values: [0.52, nil, 0.61], colour: 0)]).svg
    #expect(svg.components(separatedBy: "<circle").count == 3)
    #expect(svg.contains(">0.52</text>") && svg.contains(">0.62</text>") && !svg.contains("nan"))
    #expect(svg.firstRange(of: #/d="M[0-9. ]+M[0-9. ]+"/#) != nil)
  }

  @Test func `Names cannot break out of the picture`() {
    let svg = LineChart(title: "a<b", lines: [.init(name: "<script>\"", values: [1], colour: 0)]).svg
    #expect(!svg.contains("<script") && svg.contains("&lt;script&gt;&quot;"))
  }

  @Test func `Without a value there is no picture`() {
    #expect(LineChart(title: "AUC", lines: [.init(name: "a", values: [nil], colour: 0)]).svg == "")
  }
}
