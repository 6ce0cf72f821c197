/** What pushes say in Vietnamese: `plain` on any lock screen, `told` for who wants names there. */
export const vi = {
  language: 'vi' as 'vi' | 'en',
  title: 'Khiên',
  plain: {
    help: 'Con cần bố mẹ giúp. Hãy mở Khiên ngay.',
    request: 'Có yêu cầu mới từ con.',
    bypass: 'Có lần thử vượt luật.',
    quota: 'Một giới hạn thời gian đã hết.',
    'new-device': 'Có thiết bị mới, chờ bạn quyết định.',
    'device-changed': 'Một thiết bị có dấu hiệu lạ.',
    'router-offline': 'Router mất kết nối với máy chủ. Luật trên router vẫn chạy.',
    'rules-failing': 'Router chưa áp dụng được luật mới.',
    'list-old': 'Danh sách chặn trên router đã cũ.',
    'connection-contested': 'Có thiết bị khác dùng tên router của nhà bạn.',
    'webhook-off': 'Một webhook đã được tắt, vì cả ngày không gửi được gì tới đó.',
    weekly: 'Đã có tóm tắt tuần qua.',
  },
  routerBack: 'Router đã kết nối lại.',
  told: {
    help: (child: string) => `${child} cần bố mẹ giúp. Hãy mở Khiên ngay.`,
    request: (child: string, minutes: number, of: string | undefined) =>
      `${child} xin thêm ${minutes} phút${of === undefined ? '' : ` cho ${of}`}.`,
    bypass: (child: string) => `Máy của ${child} có lần thử vượt luật.`,
    quota: (child: string) => `${child} đã dùng hết giờ của một giới hạn.`,
    newDevice: (name: string) => `Thiết bị mới: ${name}. Của ai?`,
    newDevices: (count: number) => `${count} thiết bị mới, chờ bạn quyết định.`,
    resembles: (child: string) => `Một thiết bị mới giống máy của ${child}.`,
    changed: (name: string) => `${name}: có dấu hiệu máy khác dùng địa chỉ này.`,
    routerOffline: (name: string) => `${name} mất kết nối với máy chủ. Luật trên router vẫn chạy.`,
    routerBack: (name: string) => `${name} đã kết nối lại.`,
    rulesFailing: (name: string) => `${name} chưa áp dụng được luật mới.`,
  },
  digest: (count: number) => `Trong giờ yên lặng có ${count} thông báo.`,
  test: 'Thông báo đến được máy này.',
  someone: 'Con',
  device: 'Thiết bị',
};

export type PushTexts = typeof vi;
