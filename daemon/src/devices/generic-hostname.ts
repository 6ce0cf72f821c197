/** Words of which vendors make the names that devices have from the factory. */
const words = new Set(
  `android iphone ipad ipod apple macbook imac mac mini air pro max plus ultra lite note tab tablet phone mobile
  galaxy samsung redmi xiaomi mi poco oppo reno vivo realme huawei honor mate nova pixel google nokia lenovo yoga asus
  zenfone rog acer aspire dell hp msi laptop desktop pc notebook chromebook windows win linux ubuntu debian localhost
  unknown device client host openwrt esp espressif fe se ti go neo edge fold flip prime power gt lg sony xperia tcl infinix
  tecno spark motorola moto oneplus nord`.split(/\s+/),
);

/** Whether a name may be that of many devices: nothing but a make, a model and numbers. */
export function isGenericHostname(hostname: string): boolean {
  return hostname
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .every((word) => word === '' || /\d/.test(word) || words.has(word));
}
