import Foundation

/// One line over its positions, and the bar that it is to stay under, as SVG.
struct LinePlot {
  var title: String
  var across: String
  var up: String
  var bar: Double
  var values: [Double]

  private static let (width, height, left, bottom, top, right) = (720.0, 320.0, 60.0, 50.0, 40.0, 20.0)

  var svg: String {
    let highest = max(bar, values.max() ?? 0) * 1.1
    let (inner, tall) = (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    func x(_ position: Double) -> Double { Self.left + inner * position / Double(max(values.count - 1, 1)) }
    func y(_ value: Double) -> Double { Self.top + tall * (1 - value / highest) }
    func figure(_ value: Double) -> String { String(format: "%.1f", value) }
    func text(_ x: Double, _ y: Double, _ anchor: String, _ words: String, _ more: String = "") -> String {
      "<text x=\"\(figure(x))\" y=\"\(figure(y))\" text-anchor=\"\(anchor)\"\(more)>\(words)</text>"
    }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
        + "font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      text(Self.width / 2, 22, "middle", title, " font-size=\"14\""),
    ]
    for tick in stride(from: 0.0, through: highest, by: 0.5) {
      lines.append(
        "<path d=\"M\(figure(Self.left)) \(figure(y(tick)))h\(figure(inner))\" stroke=\"#dddddd\" fill=\"none\"/>")
      lines.append(text(Self.left - 8, y(tick) + 4, "end", figure(tick)))
    }
    for fifth in 0...5 {
      let position = Double(values.count - 1) * Double(fifth) / 5
      lines.append(text(x(position), Self.height - Self.bottom + 18, "middle", String(Int(position))))
    }
    lines.append(text(Self.left + inner / 2, Self.height - 12, "middle", across))
    let middle = Self.top + tall / 2
    lines.append(text(16, middle, "middle", up, " transform=\"rotate(-90 16 \(figure(middle)))\""))
    lines.append(
      "<path d=\"M\(figure(Self.left)) \(figure(y(bar)))h\(figure(inner))\" stroke=\"#cc3333\" "
        + "stroke-dasharray=\"6 4\" fill=\"none\"/>")
    let points = values.enumerated().map { "\(figure(x(Double($0.offset)))),\(figure(y($0.element)))" }
    lines.append("<polyline points=\"\(points.joined(separator: " "))\" stroke=\"#2255aa\" fill=\"none\"/>")
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }
}
