import type { files as english } from '../en/files.ts';
import type { Worded } from '../worded.ts';

export const files: Worded<typeof english> = {
  files: {
    title: '파일',
    detail: '폴더에 있는 모든 것입니다. 안전한 것에는 아무 말이 없고, 그렇지 않은 것은 이유를 알려 줍니다.',
    none: '아직 폴더가 없습니다. 홈에서 폴더를 추가하면 그 안의 것이 여기에 나타납니다.',
    why: '이유',
    whyOf: '이유: {{name}}',
    whyTitle: '{{name}} 상태',
    versions: '버전',
    versionsOf: '버전: {{name}}',
    retryAt: '다시 시도: {{when}}',
    states: {
      'not-yet-safe': '아직 안전하지 않음',
      arriving: '받는 중',
      waiting: '대기 중',
      attention: '확인 필요',
      'local-only': '이 기기에만',
      frozen: '규칙으로 멈춤',
      unticked: '이 기기에 두지 않음',
      'one-way': '서로 다름',
    },
    reasons: {
      'in-step': '안전합니다. 서버에도 있고 여기에도 있습니다.',
      ignored: '규칙에 따라 제외되어 이 기기에만 있습니다. 포함하려면 .onefoldignore를 고쳐 주세요.',
      frozen:
        '동기화한 뒤에 규칙으로 제외되었습니다. 여기와 서버에 지금 그대로 남고, 바뀐 것은 어느 쪽으로도 가지 않습니다.',
      unticked: '이 폴더는 이 기기에 두지 않습니다. 서버에 있습니다.',
      'kept-unticked':
        '이 폴더는 이 기기에 두지 않지만, 지금 이대로는 서버에 없습니다. 그래서 여기에 남겨 두고 보내지 않습니다.',
      'kept-there': '여기에서 삭제했습니다. 이 기기에 두지 않는 것이 들어 있어 서버에는 남습니다.',
      'one-way': '서버와 다르고, 이 폴더는 한 방향으로만 동기화합니다. 양쪽 모두 그대로 둡니다.',
      'own-folder': 'Onefold가 기록을 두는 곳입니다. 동기화하지 않습니다.',
      'special-file': '파일, 폴더, 링크가 아니어서 이 기기에만 둡니다.',
      unreadable: '들여다볼 수 없습니다. 그래서 그 안의 것은 삭제된 것으로 치지 않습니다.',
      'still-changing': '아직 쓰고 있는 프로그램이 있습니다. 멈추면 바로 보냅니다.',
      'not-seen-yet': '아직 살펴보지 않았습니다. 곧 저절로 살펴봅니다.',
      'to-be-sent': '여기에서 바뀌어 곧 보냅니다.',
      'to-be-fetched': '다른 기기에서 바뀌어 곧 받습니다.',
      travelling: '지금 전송하고 있습니다.',
      'tried-again': '되지 않아 저절로 다시 시도합니다.',
      'needs-you': '되지 않아 확인이 필요합니다.',
      held: '한꺼번에 많이 삭제되거나 바뀐 것의 일부입니다. 홈에서 결정할 때까지 보류합니다.',
      quarantined: '가진 열쇠로 열 수 없습니다. 그대로 두고 나머지를 계속합니다.',
      'local-only': '들어 있던 폴더가 다른 기기에서 삭제되었습니다. 이 사본만 여기에 남습니다.',
      blocked: '그 자리에 다른 것이 있거나 폴더를 만들 수 없습니다.',
      paused: '이 폴더는 일시 중지되어 있습니다.',
      offline: '서버가 응답하지 않습니다. 응답하면 바로 이어집니다.',
      'folder-stopped': '폴더 전체가 멈춰 있습니다.',
    },
  },
};
