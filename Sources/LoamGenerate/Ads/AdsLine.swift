/// A row as a line of CSV.
enum AdsLine {
  static let columns =
    "time_ms,user,item,advertiser,campaign,slot,device,hour,price,position,account_days,history,click,conversion,"
    + "conversion_time_ms"
  private static let slots = AdsWorld.slots.map { Array($0.utf8) }
  private static let devices = AdsWorld.devices.map { Array($0.utf8) }
  private static let comma = UInt8(ascii: ",")

  static func append(_ row: AdsRow, to text: inout ByteText) {
    text.append(Int(row.timeMilliseconds))
    text.append(byte: comma)
    text.append(Int(row.user))
    text.append(byte: comma)
    text.append(Int(row.item))
    text.append(",adv-")
    text.append(Int(row.advertiser), width: 4)
    text.append(",camp-")
    text.append(Int(row.campaign), width: 5)
    text.append(byte: comma)
    text.append(slots[row.slot])
    text.append(byte: comma)
    text.append(devices[row.device])
    text.append(byte: comma)
    text.append(row.hour)
    text.append(byte: comma)
    text.append(row.priceCents / 100)
    text.append(byte: UInt8(ascii: "."))
    text.append(row.priceCents % 100, width: 2)
    text.append(byte: comma)
    text.append(row.position)
    text.append(byte: comma)
    text.append(row.accountDays)
    text.append(byte: comma)
    for (index, item) in row.history.enumerated() {
      if index > 0 { text.append(byte: UInt8(ascii: "|")) }
      text.append(Int(item))
    }
    text.append(row.click ? ",1," : ",0,")
    text.append(row.conversion ? "1," : "0,")
    if row.conversion { text.append(Int(row.conversionTimeMilliseconds)) }
    text.append(byte: UInt8(ascii: "\n"))
  }
}
