/** What is said of all that is kept of a family, and of having it deleted. */
export const familyData = {
  title: 'Dữ liệu của gia đình',
  takeText:
    'Một tệp có tất cả những gì Khiên giữ về gia đình bạn: luật, thiết bị, lượt bị chặn, số phút dùng.',
  take: 'Tải dữ liệu về',
  taken: 'Đã tải dữ liệu về máy này',
  eraseText: 'Xóa gia đình thì mọi dữ liệu mất hẳn. Tài khoản của mọi người vẫn còn.',
  erase: 'Xóa gia đình',
  eraseTitle: (name: string) => `Xóa ${name}?`,
  noWayBack: 'Không lấy lại được',
  eraseAll:
    'Luật, thiết bị, yêu cầu của con và mọi thứ Khiên ghi lại sẽ bị xóa, với tất cả mọi người trong nhà.',
  eraseRouters:
    'Router giữ luật cuối cùng cho đến khi được nối với gia đình khác hoặc đặt lại. Hãy tải dữ liệu về trước nếu cần.',
  typeName: (name: string) => `Gõ lại tên: ${name}`,
  eraseConfirm: 'Xóa hẳn',
  erased: (name: string) => `Đã xóa ${name}`,
};
