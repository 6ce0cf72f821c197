/** What is said of parting with a router. */
export const routers = {
  part: 'Gỡ hoặc cho router này',
  leave: {
    title: (name: string) => `Gỡ ${name}?`,
    why: 'Vì sao bạn gỡ router này?',
    ways: {
      give: {
        label: 'Cho gia đình khác',
        description: 'Bạn nhận một mã để đưa cho họ. Họ không thấy gì của gia đình bạn.',
      },
      remove: {
        label: 'Không dùng nữa',
        description: 'Muốn dùng lại thì nhập mã mà router hiện lúc đó.',
      },
      stolen: {
        label: 'Bị mất, hoặc có người sao chép khóa',
        description: 'Router bị cắt ngay và khóa của nó không bao giờ dùng lại được.',
      },
    },
    rules:
      'Router bị ngắt ngay và thôi nhận luật của bạn. Khi về nhà mới, nó xóa luật, thiết bị và những gì chưa gửi của nhà cũ.',
    confirm: { give: 'Lấy mã để cho', remove: 'Gỡ router', stolen: 'Cắt router' },
    done: (name: string) => `Đã gỡ ${name}`,
  },
  given: {
    title: (name: string) => `${name} chờ gia đình mới`,
    text: (moment: string) => `Đưa mã này cho gia đình mới. Mã dùng được một lần, đến ${moment}.`,
    code: 'Mã nhận router',
    once: 'Hãy ghi lại ngay',
    onceText: 'Mã chỉ hiện lần này. Nếu mất mã, router vẫn tự hiện mã mới sau thời hạn trên.',
    copy: 'Chép liên kết',
    copied: 'Đã chép liên kết',
  },
};
